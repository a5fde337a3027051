def read_messages(sock, limit):
    buffer, found, error = b"", [], None
    try:
        while data := sock.recv(4096):
            buffer += data
            while len(buffer) >= 4:
                length = int.from_bytes(buffer[:4], "big")
                if length > limit:
                    raise ValueError("too long")
                if len(buffer) < 4 + length:
                    break
                found.append(buffer[4 : 4 + length])
                buffer = buffer[4 + length :]
        if buffer:
            raise EOFError("not complete")
    except Exception as caught:
        error = caught
    yield from found
    if error is not None:
        raise error
