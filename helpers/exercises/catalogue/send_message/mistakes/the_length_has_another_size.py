import struct


def send_message(sock, data):
    view = memoryview(data)
    sock.sendall(struct.pack("!H", view.nbytes))
    sock.sendall(view)
