def read_messages(sock, limit, buffer=b""):
    while len(buffer) < 4 or len(buffer) < 4 + int.from_bytes(buffer[:4], "big"):
        if len(buffer) >= 4 and int.from_bytes(buffer[:4], "big") > limit:
            raise ValueError("too long")
        data = sock.recv(4096)
        if not data:
            if buffer:
                raise EOFError("not complete")
            return
        buffer += data
    end = 4 + int.from_bytes(buffer[:4], "big")
    if end - 4 > limit:
        raise ValueError("too long")
    yield buffer[4:end]
    yield from read_messages(sock, limit, buffer[end:])
