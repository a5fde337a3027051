import socket


def probe(addresses, limit):
    found = {}
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                found[address] = "open"
            except ConnectionRefusedError:
                found[address] = "refused"
            except TimeoutError:
                found[address] = "silent"
    return list(found.values())
