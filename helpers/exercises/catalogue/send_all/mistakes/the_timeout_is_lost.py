def send_all(sock, data):
    blocking = sock.getblocking()
    sock.setblocking(True)
    rest = memoryview(data)
    while rest:
        rest = rest[sock.send(rest) :]
    sock.setblocking(blocking)
