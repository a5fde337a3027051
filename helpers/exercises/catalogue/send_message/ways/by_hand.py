import struct


def send_message(sock, data):
    rest = memoryview(struct.pack(">L", memoryview(data).nbytes) + data)
    while rest:
        rest = rest[sock.send(rest) :]
