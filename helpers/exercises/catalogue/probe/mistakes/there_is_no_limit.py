import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
