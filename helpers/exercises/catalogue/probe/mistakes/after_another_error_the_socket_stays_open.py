import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        sock = socket.socket()
        sock.settimeout(limit)
        try:
            sock.connect(address)
            found.append("open")
        except ConnectionRefusedError:
            found.append("refused")
        except TimeoutError:
            found.append("silent")
        sock.close()
    return found
