import random
import socket
import struct
import time


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", random.randrange(65536))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(attempts):
            deadline = time.monotonic() + wait
            try:
                sock.send(number + question)
                while (left := deadline - time.monotonic()) > 0:
                    sock.settimeout(left)
                    data = sock.recv(65535)
                    if data[:2] == number:
                        return data[2:].strip()
            except (TimeoutError, ConnectionRefusedError):
                pass  # the next try
    raise TimeoutError("no answer")
