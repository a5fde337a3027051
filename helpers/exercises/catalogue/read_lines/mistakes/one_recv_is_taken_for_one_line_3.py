def read_lines(sock):
    while data := sock.recv(1024):
        yield data[:-1]
