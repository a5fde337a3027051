import random
import socket
import struct


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", random.randrange(65536))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(attempts):
            try:
                sock.send(number + question)
                sock.settimeout(wait)
                while True:
                    data = sock.recv(65535)
                    if data[:2] == number:
                        return data[2:]
            except (TimeoutError, ConnectionRefusedError):
                pass  # the next try
    raise TimeoutError("no answer")
