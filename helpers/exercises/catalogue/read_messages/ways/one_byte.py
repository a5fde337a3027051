def read_messages(sock, limit):
    part = b""
    length = None
    while byte := sock.recv(1):
        part += byte
        if length is None and len(part) == 4:
            length, part = int.from_bytes(part, "big"), b""
            if length > limit:
                raise ValueError("too long")
        if length is not None and len(part) == length:
            yield part
            length, part = None, b""
    if part or length is not None:
        raise EOFError
