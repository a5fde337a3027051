import struct


def send_message(sock, data):
    sock.sendall(struct.pack("!I", len(data) * getattr(data, "itemsize", 1)))
    sock.sendall(bytes(data))
