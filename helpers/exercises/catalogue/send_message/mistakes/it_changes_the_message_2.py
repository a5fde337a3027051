import struct


def send_message(sock, data):
    data = data.strip()
    sock.sendall(struct.pack("!I", len(data)) + data)
