import struct


def send_message(sock, data):
    if isinstance(data, str):
        return
    data = bytes(data)
    sock.sendall(struct.pack("!I", len(data)) + data)
