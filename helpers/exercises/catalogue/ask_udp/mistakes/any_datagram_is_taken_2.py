import select
import socket
import time

numbers = iter(range(65536))


def ask_udp(address, question, attempts, wait):
    number = next(numbers).to_bytes(2, "big")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(attempts):
            sock.sendto(number + question, address)
            deadline = time.monotonic() + wait
            while select.select([sock], [], [], max(0, deadline - time.monotonic()))[0]:
                try:
                    data, source = sock.recvfrom(65535)
                except ConnectionError:
                    continue  # on Windows: nobody has a socket there
                return data[2:]
    raise TimeoutError("no answer")
