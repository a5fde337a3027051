import struct


def send_message(sock, data):
    view = memoryview(data)
    sock.send(struct.pack("!I", view.nbytes))
    sock.sendall(view)
