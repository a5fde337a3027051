import struct


def send_message(sock, data):
    view = memoryview(data).cast("B")
    sock.sendall(struct.pack("!I", len(view)))
    count = sock.send(view) if view else 0
    if count < len(view):
        sock.sendall(view)
