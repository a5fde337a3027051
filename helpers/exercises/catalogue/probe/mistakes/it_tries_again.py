import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        word = "silent"
        for _ in range(3):
            try:
                socket.create_connection(address, limit).close()
                word = "open"
                break
            except ConnectionRefusedError:
                word = "refused"
            except TimeoutError:
                word = "silent"
        found.append(word)
    return found
