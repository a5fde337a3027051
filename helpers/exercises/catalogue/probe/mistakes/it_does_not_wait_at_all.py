import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.setblocking(False)
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except BlockingIOError:
                found.append("silent")
    return found
