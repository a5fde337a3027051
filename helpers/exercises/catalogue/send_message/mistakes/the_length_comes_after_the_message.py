import struct


def send_message(sock, data):
    sock.sendall(data)
    sock.sendall(struct.pack("!I", len(data)))
