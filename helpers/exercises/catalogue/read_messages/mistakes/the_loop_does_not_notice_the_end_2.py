import struct


def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        data += sock.recv(n - len(data))
    return data


def read_messages(sock, limit):
    while True:
        length = struct.unpack("!I", read_exactly(sock, 4))[0]
        if length > limit:
            raise ValueError("too long")
        yield read_exactly(sock, length)
