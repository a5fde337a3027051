import select


def send_all(sock, data):
    rest = bytearray(data)
    while rest:
        select.select([], [sock], [])
        sent = sock.send(rest)
        del rest[:sent]
