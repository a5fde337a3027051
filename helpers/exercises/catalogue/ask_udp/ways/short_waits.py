import os
import socket
import time


def ask_udp(address, question, attempts, wait):
    number = os.urandom(2)
    sock = socket.socket(type=socket.SOCK_DGRAM)
    try:
        sock.settimeout(0.5)
        for _ in range(attempts):
            sock.sendto(number + bytes(question), tuple(address))
            end = time.time() + wait
            while time.time() < end:
                try:
                    data, source = sock.recvfrom(1 << 16)
                except (TimeoutError, ConnectionResetError):
                    continue
                if source == address and data[:2] == number:
                    return data[2:]
        raise TimeoutError("nobody has answered")
    finally:
        sock.close()
