def read_messages(sock, limit):
    with sock.makefile("rb") as file:
        for _ in range(100):
            header = file.read(4)
            if not header:
                return
            if len(header) < 4:
                raise EOFError
            length = int.from_bytes(header, "big")
            if length > limit:
                raise ValueError
            message = file.read(length)
            if len(message) < length:
                raise EOFError
            yield message
