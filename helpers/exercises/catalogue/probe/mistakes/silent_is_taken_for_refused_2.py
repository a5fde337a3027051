import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            found.append("refused" if sock.connect_ex(address) else "open")
    return found
