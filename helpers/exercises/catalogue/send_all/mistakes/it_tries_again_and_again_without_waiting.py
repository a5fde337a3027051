def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            continue
        rest = rest[sent:]
