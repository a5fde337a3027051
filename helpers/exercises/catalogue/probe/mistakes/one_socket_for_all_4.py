import socket


def probe(addresses, limit):
    found = []
    sock = socket.socket()
    sock.settimeout(limit)
    for address in addresses:
        try:
            sock.connect(address)
            found.append("open")
            sock.close()
            sock = socket.socket()
            sock.settimeout(limit)
        except ConnectionRefusedError:
            found.append("refused")
        except TimeoutError:
            found.append("silent")
    sock.close()
    return found
