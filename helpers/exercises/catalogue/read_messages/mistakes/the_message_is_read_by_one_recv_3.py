import struct


def read_messages(sock, limit):
    while header := sock.recv(4):
        (length,) = struct.unpack("!I", header)
        if length > limit:
            raise ValueError("too long")
        yield sock.recv(length)
