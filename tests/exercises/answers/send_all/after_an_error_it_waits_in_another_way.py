def send_all(sock, data):
    timeout = sock.gettimeout()
    sock.settimeout(None)
    rest = memoryview(data)
    while rest:
        rest = rest[sock.send(rest) :]
    sock.settimeout(timeout)
