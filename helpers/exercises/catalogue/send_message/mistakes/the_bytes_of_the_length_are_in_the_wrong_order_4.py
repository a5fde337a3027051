import struct


def send_message(sock, data):
    sock.send(struct.pack("i", len(data)))
    sock.sendall(data)
