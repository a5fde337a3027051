import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        select.select([], [sock], [], 1)
        rest = rest[sock.send(rest) :]
