import socket
import struct
import time


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", 7)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(address)
    for _ in range(attempts):
        deadline = time.monotonic() + wait
        try:
            sock.send(number + question)
            while (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                data = sock.recv(65535)
                if data[:2] == number:
                    return data[2:]
        except (TimeoutError, ConnectionRefusedError):
            pass
    raise TimeoutError("no answer")
