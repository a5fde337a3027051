def send_all(sock, data):
    sock.settimeout(10)
    rest = memoryview(data)
    while rest:
        rest = rest[sock.send(rest) :]
