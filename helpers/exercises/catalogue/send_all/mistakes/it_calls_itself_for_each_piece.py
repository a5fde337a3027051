import select


def send_all(sock, data):
    rest = memoryview(data)
    if not rest:
        return
    try:
        sent = sock.send(rest)
    except BlockingIOError:
        select.select([], [sock], [])
        sent = 0
    send_all(sock, rest[sent:])
