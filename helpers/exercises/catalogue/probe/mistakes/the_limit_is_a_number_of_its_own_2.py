import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit / 1000)
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
