import select


def send_all(sock, data):
    sock.setblocking(False)
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            select.select([], [sock], [])
        else:
            rest = rest[sent:]
