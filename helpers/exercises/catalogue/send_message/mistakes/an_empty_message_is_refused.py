import struct


def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError("a message is bytes")
    data = bytes(data)
    if not data:
        raise ValueError("nothing to send")
    sock.sendall(struct.pack("!I", len(data)) + data)
