import struct


def send_message(sock, data):
    if isinstance(data, str):
        data = data.encode()
    data = bytes(data)
    sock.sendall(struct.pack("!I", len(data)) + data)
