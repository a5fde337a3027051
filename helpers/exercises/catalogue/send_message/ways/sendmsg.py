import struct


def send_message(sock, data):
    parts = [memoryview(struct.pack("!I", memoryview(data).nbytes)), memoryview(data).cast("B")]
    while parts:
        sent = sock.sendmsg(parts)
        while parts and sent >= len(parts[0]):
            sent -= len(parts.pop(0))
        if parts:
            parts[0] = parts[0][sent:]
