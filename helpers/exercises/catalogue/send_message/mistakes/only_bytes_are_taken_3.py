import struct


def send_message(sock, data):
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("a message is bytes")
    data = bytes(data)
    sock.sendall(struct.pack("!I", len(data)) + data)
