import struct


def send_message(sock, data):
    length = len(data) * getattr(data, "itemsize", 1)
    sock.sendall(struct.pack("!I", length))
    sock.sendall(data)
