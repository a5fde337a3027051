import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                found.append(True)
            except ConnectionRefusedError:
                found.append(False)
            except TimeoutError:
                found.append(None)
    return found
