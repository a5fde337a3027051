import struct


def send_message(sock, data):
    header = struct.pack("!I", memoryview(data).nbytes)
    with sock.makefile("wb") as file:
        file.write(header)
        file.write(data)
