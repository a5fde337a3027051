def read_messages(sock, limit):
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        while len(buffer) >= 2:
            length = int.from_bytes(buffer[:2], "big")
            if length > limit:
                raise ValueError("too long")
            if len(buffer) < 2 + length:
                break
            yield buffer[4 : 2 + length]
            buffer = buffer[2 + length :]
    if buffer:
        raise EOFError("not complete")
