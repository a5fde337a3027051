def read_lines(sock):
    buffer = b""
    while b"\n" not in buffer:
        buffer += sock.recv(1024)
    yield buffer.partition(b"\n")[0]
