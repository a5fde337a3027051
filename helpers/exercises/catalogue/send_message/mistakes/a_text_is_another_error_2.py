import struct


def send_message(sock, data):
    assert not isinstance(data, str)
    data = bytes(data)
    sock.sendall(struct.pack("!I", len(data)) + data)
