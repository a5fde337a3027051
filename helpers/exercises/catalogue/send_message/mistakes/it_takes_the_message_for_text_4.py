import struct


def send_message(sock, data):
    data = data.decode()
    sock.sendall(struct.pack("!I", len(data)) + data.encode())
