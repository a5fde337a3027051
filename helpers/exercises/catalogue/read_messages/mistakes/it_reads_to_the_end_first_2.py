def read_messages(sock, limit):
    data = b""
    while piece := sock.recv(4096):
        data += piece
    while data:
        length = int.from_bytes(data[:4], "big")
        if length > limit:
            raise ValueError("too long")
        if len(data) < 4 + length:
            raise EOFError("not complete")
        yield data[4 : 4 + length]
        data = data[4 + length :]
