import struct


def send_message(sock, data):
    whole = struct.pack("!I", memoryview(data).nbytes) + data
    sent = 0
    while sent < len(whole):
        sent += sock.send(whole)
