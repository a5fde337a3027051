import select


def send_all(sock, data):
    rest = memoryview(data)
    with sock:
        while rest:
            try:
                sent = sock.send(rest)
            except BlockingIOError:
                select.select([], [sock], [])
            else:
                rest = rest[sent:]
