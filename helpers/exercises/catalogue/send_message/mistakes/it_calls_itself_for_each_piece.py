import struct


def send_all(sock, rest):
    if rest:
        send_all(sock, rest[sock.send(rest) :])


def send_message(sock, data):
    send_all(sock, memoryview(struct.pack("!I", memoryview(data).nbytes) + data))
