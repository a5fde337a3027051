import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            select.select([], [sock], [])
        except TimeoutError:
            break
