import select


def send_all(sock, data):
    rest = memoryview(data)
    while True:
        select.select([], [sock], [])
        sent = sock.send(rest)
        if sent == 0:
            raise RuntimeError("the connection is broken")
        rest = rest[sent:]
        if not rest:
            return
