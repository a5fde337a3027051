def read_lines(sock):
    rest = b""
    while True:
        piece = sock.recv(4096)
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if not piece:
            if rest:
                yield rest
            break
    if rest:
        yield rest
