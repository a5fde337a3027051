import struct


def send_message(sock, data):
    try:
        view = memoryview(data)
    except TypeError:
        print("not bytes")
        return
    sock.sendall(struct.pack("!I", view.nbytes) + view)
