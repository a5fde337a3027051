import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        select.select([], [sock], [], 0)
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            continue
        rest = rest[sent:]
