import socket
import struct
import time


def ask_once(address, data, wait):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        sock.send(data)
        deadline = time.monotonic() + wait
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            answer = sock.recv(65535)
            if answer[:2] == data[:2]:
                return answer[2:]
    raise TimeoutError("no answer")


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", 7)
    for _ in range(attempts):
        try:
            return ask_once(address, number + question, wait)
        except (TimeoutError, ConnectionRefusedError):
            pass
    raise TimeoutError("no answer")
