import struct


def send_message(sock, data):
    rest = memoryview(struct.pack("!I", memoryview(data).nbytes) + data)
    for _ in range(100):
        if rest:
            rest = rest[sock.send(rest) :]
