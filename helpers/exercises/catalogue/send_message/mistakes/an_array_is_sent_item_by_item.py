import struct


def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError
    data = bytes(each % 256 for each in data)
    sock.sendall(struct.pack("!I", len(data)) + data)
