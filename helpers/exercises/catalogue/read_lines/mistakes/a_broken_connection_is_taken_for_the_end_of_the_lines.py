def read_lines(sock):
    buffer = b""
    while True:
        try:
            data = sock.recv(4096)
        except OSError:
            break
        if not data:
            break
        buffer += data
        *found, buffer = buffer.split(b"\n")
        yield from found
    if buffer:
        yield buffer
