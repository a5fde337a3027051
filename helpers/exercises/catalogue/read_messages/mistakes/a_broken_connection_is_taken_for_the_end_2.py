def read_messages(sock, limit):
    buffer = b""
    while True:
        try:
            data = sock.recv(4096)
        except ConnectionResetError:
            return
        if not data:
            break
        buffer += data
        while len(buffer) >= 4:
            length = int.from_bytes(buffer[:4], "big")
            if length > limit:
                raise ValueError("too long")
            if len(buffer) < 4 + length:
                break
            yield buffer[4 : 4 + length]
            buffer = buffer[4 + length :]
    if buffer:
        raise EOFError("not complete")
