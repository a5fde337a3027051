import select


def send_all(sock, data):
    if not data:
        raise ValueError("there is nothing to send")
    rest = memoryview(data)
    while rest:
        select.select([], [sock], [])
        rest = rest[sock.send(rest) :]
