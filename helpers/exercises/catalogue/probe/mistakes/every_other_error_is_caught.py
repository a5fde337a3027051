import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                found.append("open")
            except TimeoutError:
                found.append("silent")
            except OSError:
                found.append("refused")
    return found
