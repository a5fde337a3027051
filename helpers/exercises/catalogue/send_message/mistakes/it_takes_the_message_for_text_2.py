import struct


def send_message(sock, data):
    data = str(data).encode()
    sock.sendall(struct.pack("!I", len(data)) + data)
