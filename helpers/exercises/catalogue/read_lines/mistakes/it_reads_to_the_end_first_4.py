def read_lines(sock):
    rest = b""
    while piece := sock.recv(4096):
        rest += piece
        if not rest.endswith(b"\n"):
            continue
        yield from rest.removesuffix(b"\n").split(b"\n")
        rest = b""
    if rest:
        yield from rest.split(b"\n")
