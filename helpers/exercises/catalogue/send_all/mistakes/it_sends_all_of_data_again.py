import select


def send_all(sock, data):
    sent = 0
    while sent < len(data):
        try:
            sent += sock.send(data)
        except BlockingIOError:
            select.select([], [sock], [])
