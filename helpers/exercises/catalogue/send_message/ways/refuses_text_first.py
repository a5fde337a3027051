import struct


def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError("a message is bytes: call encode() first")
    data = bytes(data)
    sock.sendall(struct.pack("!I", len(data)) + data)
