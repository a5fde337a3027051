import select


def send_all(sock, data):
    view = memoryview(data)
    sent = 0
    while sent < len(view):
        try:
            sent = sock.send(view[sent:])
        except BlockingIOError:
            select.select([], [sock], [])
