import struct


def send_message(sock, data):
    view = memoryview(data)
    sock.sendall(struct.pack("!I", view.nbytes + 4))
    sock.sendall(view)
