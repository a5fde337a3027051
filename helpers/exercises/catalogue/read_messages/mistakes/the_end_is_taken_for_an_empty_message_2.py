def read_messages(sock, limit):
    with sock.makefile("rb") as file:
        while True:
            header = file.read(4)
            length = int.from_bytes(header, "big")
            if length > limit:
                raise ValueError
            message = file.read(length)
            if len(message) < length:
                raise EOFError
            yield message
