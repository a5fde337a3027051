def read_lines(sock):
    line = b""
    while byte := sock.recv(1):
        if byte == b"\n":
            yield line
            line = b""
        else:
            line += byte
    if line:
        yield line
