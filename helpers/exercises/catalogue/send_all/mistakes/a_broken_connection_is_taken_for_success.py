import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            select.select([], [sock], [])
        except OSError:
            return
        else:
            rest = rest[sent:]
