import select


def send_all(sock, data):
    if sock.getblocking():
        sock.send(data)
        return
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            select.select([], [sock], [])
        else:
            rest = rest[sent:]
