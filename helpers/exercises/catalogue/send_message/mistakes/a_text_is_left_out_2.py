import struct


def send_message(sock, data):
    if isinstance(data, str):
        print("bytes are needed, and not", data)
    else:
        sock.sendall(struct.pack("!I", memoryview(data).nbytes) + data)
