import select


def send_all(sock, data):
    for start in range(0, len(data), 1024):
        piece = data[start : start + 1024]
        try:
            sock.send(piece)
        except BlockingIOError:
            select.select([], [sock], [])
            sock.send(piece)
