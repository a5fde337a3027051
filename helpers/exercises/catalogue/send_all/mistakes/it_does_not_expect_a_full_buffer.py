def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        sent = sock.send(rest)
        rest = rest[sent:]
