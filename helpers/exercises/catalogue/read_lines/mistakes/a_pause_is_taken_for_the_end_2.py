import select


def read_lines(sock):
    buffer = b""
    while select.select([sock], [], [], 1)[0]:
        data = sock.recv(4096)
        if not data:
            break
        buffer += data
        *found, buffer = buffer.split(b"\n")
        yield from found
    if buffer:
        yield buffer
