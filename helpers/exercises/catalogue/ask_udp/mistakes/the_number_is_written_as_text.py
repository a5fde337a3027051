import socket
import time


def ask_udp(address, question, attempts, wait):
    number = b"4711 "
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(attempts):
            deadline = time.monotonic() + wait
            try:
                sock.send(number + question)
                while (left := deadline - time.monotonic()) > 0:
                    sock.settimeout(left)
                    data = sock.recv(65535)
                    if data.startswith(number):
                        return data.removeprefix(number)
            except (TimeoutError, ConnectionRefusedError):
                pass
    raise TimeoutError("no answer")
