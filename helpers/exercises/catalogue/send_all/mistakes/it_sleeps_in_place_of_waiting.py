import time


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        rest = rest[sent:]
