def read_lines(sock):
    buffer, lines = b"", []
    while data := sock.recv(1024):
        buffer += data
        while b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            lines.append(line)
    if buffer:
        lines.append(buffer)
    return lines
