def read_lines(sock):
    while True:
        line = b""
        while not line.endswith(b"\n"):
            line += sock.recv(1)
        yield line[:-1]
