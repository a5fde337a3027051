import socket


def probe(addresses, limit):
    found = []
    sock = socket.socket()
    sock.settimeout(limit)
    for address in addresses:
        try:
            sock.connect(address)
            found.append("open")
        except ConnectionRefusedError:
            found.append("refused")
        except OSError:
            found.append("silent")
    sock.close()
    return found
