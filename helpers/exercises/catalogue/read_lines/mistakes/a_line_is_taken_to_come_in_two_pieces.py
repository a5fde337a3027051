def read_lines(sock):
    while data := sock.recv(4096):
        if not data.endswith(b"\n"):
            data += sock.recv(4096)
        yield from data.removesuffix(b"\n").split(b"\n")
