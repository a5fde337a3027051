def read_lines(sock):
    rest = b""
    for data in iter(lambda: sock.recv(8), b""):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    yield from filter(None, [rest])
