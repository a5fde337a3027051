import struct


def send_message(sock, data):
    data = data.encode()
    sock.sendall(struct.pack("!I", len(data)) + data)
