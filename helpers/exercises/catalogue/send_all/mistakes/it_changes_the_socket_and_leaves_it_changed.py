def send_all(sock, data):
    sock.setblocking(True)
    rest = memoryview(data)
    while rest:
        sent = sock.send(rest)
        rest = rest[sent:]
