import socket


def probe(addresses, limit):
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                return "open"
            except ConnectionRefusedError:
                return "refused"
            except TimeoutError:
                return "silent"
