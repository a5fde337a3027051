import select


def send_all(sock, data):
    while True:
        try:
            if sock.send(data) == len(data):
                return
        except BlockingIOError:
            select.select([], [sock], [])
