import struct


def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError("a message is bytes")
    data = bytes(data)
    sock.sendall(struct.pack("!Q", len(data)) + data)
