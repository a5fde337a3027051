import socket
import struct
import time


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", 7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(attempts):
            deadline = time.monotonic() + wait
            try:
                sock.send(number + question)
                for _ in range(5):
                    sock.settimeout(max(0.001, deadline - time.monotonic()))
                    data = sock.recv(65535)
                    if data[:2] == number:
                        return data[2:]
            except (TimeoutError, ConnectionRefusedError):
                pass
    raise TimeoutError("no answer")
