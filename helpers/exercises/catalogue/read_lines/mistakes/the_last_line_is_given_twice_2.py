def read_lines(sock):
    rest = b""
    while True:
        piece = sock.recv(4096)
        rest += piece
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            yield line
        if not piece and rest:
            yield rest
        if not piece:
            break
    if rest:
        yield rest
