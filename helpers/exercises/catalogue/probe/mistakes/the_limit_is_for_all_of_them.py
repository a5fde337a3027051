import socket
import time


def probe(addresses, limit):
    deadline = time.monotonic() + limit
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
