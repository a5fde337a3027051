import struct


def send_message(sock, data):
    view = memoryview(data)
    sock.sendall(struct.pack("!I", view.nbytes))
    try:
        sock.sendall(view)
    except TimeoutError:
        return False
    return True
