def read_lines(sock):
    line = bytearray()
    while byte := sock.recv(1):
        if byte == b"\n":
            yield line
            line.clear()
        else:
            line += byte
    if line:
        yield line
