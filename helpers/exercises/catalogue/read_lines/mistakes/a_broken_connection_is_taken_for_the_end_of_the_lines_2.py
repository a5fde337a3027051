def read_lines(sock):
    buffer = b""
    try:
        while data := sock.recv(4096):
            buffer += data
            *found, buffer = buffer.split(b"\n")
            yield from found
    except ConnectionError:
        return
    if buffer:
        yield buffer
