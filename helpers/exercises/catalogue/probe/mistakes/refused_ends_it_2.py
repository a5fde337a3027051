import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.create_connection(address, timeout=limit):
            found.append("open")
    return found
