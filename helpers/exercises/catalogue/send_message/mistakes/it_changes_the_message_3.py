import struct


def send_message(sock, data):
    view = memoryview(data)
    sock.sendall(struct.pack("!I", view.nbytes))
    sock.sendall(data.strip())
