import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except OSError:
            select.select([], [sock], [])
        else:
            rest = rest[sent:]
