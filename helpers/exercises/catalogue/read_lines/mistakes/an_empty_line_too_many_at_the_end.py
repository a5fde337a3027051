def read_lines(sock):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    yield from data.split(b"\n")
