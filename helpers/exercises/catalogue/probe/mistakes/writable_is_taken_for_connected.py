import select
import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.setblocking(False)
            sock.connect_ex(address)
            _, ready, _ = select.select([], [sock], [], limit)
            found.append("open" if ready else "silent")
    return found
