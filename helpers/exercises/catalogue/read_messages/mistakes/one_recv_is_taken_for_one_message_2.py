import struct


def read_messages(sock, limit):
    while data := sock.recv(65536):
        length = struct.unpack("!I", data[:4])[0]
        if length > limit:
            raise ValueError("too long")
        yield data[4 : 4 + length]
