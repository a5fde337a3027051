import select


def send_all(sock, data):
    while data:
        try:
            sent = sock.send(data)
            data = data[sent:]
        except BlockingIOError:
            select.select([], [sock], [])
