import struct


def read_up_to(sock, n):
    data = b""
    while len(data) < n:
        try:
            piece = sock.recv(n - len(data))
        except OSError:
            piece = b""
        if not piece:
            break
        data += piece
    return data


def read_messages(sock, limit):
    while True:
        header = read_up_to(sock, 4)
        if not header:
            return
        if len(header) < 4:
            raise EOFError("the end came in a header")
        length = struct.unpack("!I", header)[0]
        if length > limit:
            raise ValueError("too long")
        message = read_up_to(sock, length)
        if len(message) < length:
            raise EOFError("the end came in a message")
        yield message
