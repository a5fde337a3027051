import select


def send_all(sock, data):
    view = memoryview(data).cast("B")
    sent = 0
    while sent < len(view) - 1:
        try:
            sent += sock.send(view[sent:])
        except BlockingIOError:
            select.select([], [sock], [])
