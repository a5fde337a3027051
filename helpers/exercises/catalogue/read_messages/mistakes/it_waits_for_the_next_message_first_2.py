def read_messages(sock, limit):
    with sock.makefile("rb") as file:
        header = file.read(4)
        while header:
            if len(header) < 4:
                raise EOFError
            length = int.from_bytes(header, "big")
            if length > limit:
                raise ValueError
            message = file.read(length)
            if len(message) < length:
                raise EOFError
            header = file.read(4)
            yield message
