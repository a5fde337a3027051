import struct


def read_messages(sock, limit):
    while True:
        header = sock.recv(4)
        if len(header) < 4:
            if header:
                raise EOFError
            return
        length = struct.unpack("!I", header)[0]
        if length > limit:
            raise ValueError
        message = sock.recv(length)
        if len(message) < length:
            raise EOFError
        yield message
