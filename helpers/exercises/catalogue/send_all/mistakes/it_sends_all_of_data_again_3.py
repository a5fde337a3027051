import select


def send_all(sock, data):
    while True:
        select.select([], [sock], [])
        sent = sock.send(data)
        if sent == len(data):
            break
