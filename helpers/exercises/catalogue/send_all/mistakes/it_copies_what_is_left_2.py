import select


def send_all(sock, data):
    sent = 0
    while sent < len(data):
        select.select([], [sock], [])
        sent += sock.send(data[sent:])
