import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("closed")
            except TimeoutError:
                found.append("timeout")
    return found
