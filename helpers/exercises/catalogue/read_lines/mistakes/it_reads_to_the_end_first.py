def read_lines(sock):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines
