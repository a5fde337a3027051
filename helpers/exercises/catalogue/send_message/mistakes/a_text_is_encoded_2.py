import struct


def send_message(sock, data):
    length = len(data) if isinstance(data, str) else memoryview(data).nbytes
    body = data.encode() if isinstance(data, str) else data
    sock.sendall(struct.pack("!I", length))
    sock.sendall(body)
