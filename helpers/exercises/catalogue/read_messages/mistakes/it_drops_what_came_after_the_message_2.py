def read_messages(sock, limit):
    while data := sock.recv(4096):
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
            if len(data) >= 4 and int.from_bytes(data[:4], "big") > limit:
                raise ValueError("too long")
            piece = sock.recv(4096)
            if not piece:
                raise EOFError
            data += piece
        yield data[4 : 4 + int.from_bytes(data[:4], "big")]
