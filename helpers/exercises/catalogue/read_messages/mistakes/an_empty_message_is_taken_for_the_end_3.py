def read_messages(sock, limit):
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        while len(buffer) >= 4:
            length = int.from_bytes(buffer[:4], "big")
            if not length:
                return
            if length > limit:
                raise ValueError("too long")
            if len(buffer) < 4 + length:
                break
            yield buffer[4 : 4 + length]
            buffer = buffer[4 + length :]
    if buffer:
        raise EOFError("not complete")
