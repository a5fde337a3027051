import struct


def send_message(sock, data):
    if len(data) == 0:
        return
    view = memoryview(data)
    sock.sendall(struct.pack("!I", view.nbytes))
    sock.sendall(view)
