import select


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            if not select.select([], [sock], [], 5)[1]:
                raise TimeoutError("no room")
