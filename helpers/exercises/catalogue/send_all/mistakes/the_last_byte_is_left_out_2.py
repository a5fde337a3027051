import select


def send_all(sock, data):
    view = memoryview(data).cast("B")
    position = 0
    while position + 1 < view.nbytes:
        select.select([], [sock], [])
        try:
            position = position + sock.send(view[position:])
        except BlockingIOError:
            continue
