import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                sock.sendall(b"hello")
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
