def read_lines(sock):
    buffer = ""
    while data := sock.recv(1024):
        buffer += data.decode()
        while "\n" in buffer:
            line, _, buffer = buffer.partition("\n")
            yield line
    if buffer:
        yield buffer
