def send_all(sock, data):
    timeout = sock.gettimeout()
    sock.settimeout(None)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[sock.send(rest) :]
    finally:
        sock.settimeout(timeout)
