import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        for _ in range(3):
            with socket.socket() as sock:
                sock.settimeout(limit)
                try:
                    sock.connect(address)
                    found.append("open")
                    break
                except ConnectionRefusedError:
                    found.append("refused")
                    break
                except TimeoutError:
                    pass
        else:
            found.append("silent")
    return found
