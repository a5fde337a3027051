import socket


def probe(addresses, limit):
    found = []
    for address in dict.fromkeys(addresses):
        try:
            with socket.create_connection(address, limit):
                found.append("open")
        except ConnectionRefusedError:
            found.append("refused")
        except TimeoutError:
            found.append("silent")
    return found
