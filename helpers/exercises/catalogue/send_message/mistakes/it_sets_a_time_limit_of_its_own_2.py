import struct


def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError("a message is bytes")
    data = bytes(data)
    before = sock.gettimeout()
    sock.settimeout(10)
    try:
        sock.sendall(struct.pack("!I", len(data)) + data)
    finally:
        sock.settimeout(before)
