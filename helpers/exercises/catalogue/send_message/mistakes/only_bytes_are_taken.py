import struct


def send_message(sock, data):
    if not isinstance(data, bytes):
        raise TypeError("a message is bytes")
    sock.sendall(struct.pack("!I", len(data)) + data)
