def fill(sock, buffer):
    """How many bytes of the buffer could be filled before the end."""
    count = 0
    with memoryview(buffer) as view:
        while count < len(view):
            size = sock.recv_into(view[count:])
            if not size:
                break
            count += size
    return count


def read_messages(sock, limit):
    header = bytearray(4)
    while count := fill(sock, header):
        if count < 4:
            raise EOFError
        length = int.from_bytes(header, "big")
        if length > limit:
            raise ValueError(length)
        body = bytearray(length)
        if fill(sock, body) < length:
            raise EOFError
        yield bytes(body)
