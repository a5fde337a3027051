import socket


def probe(addresses, limit):
    """Return "open", "refused" or "silent" for each address: one connect, at most `limit` s."""
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
            except TimeoutError:
                found.append("silent")
    return found
