import socket


def probe(addresses, limit):
    found = []
    try:
        for address in addresses:
            with socket.create_connection(address, limit):
                found.append("open")
    except ConnectionRefusedError:
        found.append("refused")
    except TimeoutError:
        found.append("silent")
    return found
