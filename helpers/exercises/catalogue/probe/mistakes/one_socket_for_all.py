import socket


def probe(addresses, limit):
    found = []
    with socket.socket() as sock:
        sock.settimeout(limit)
        for address in addresses:
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
