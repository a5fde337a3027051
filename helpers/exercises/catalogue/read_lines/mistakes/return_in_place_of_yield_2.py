def read_lines(sock):
    buffer = b""
    while piece := sock.recv(1024):
        buffer += piece
        while b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            return line
