import select


def send_all(sock, data):
    rest = memoryview(data)
    for _ in range(1000):
        if not rest:
            break
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            select.select([], [sock], [])
