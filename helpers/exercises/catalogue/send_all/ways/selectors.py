import selectors


def send_all(sock, data):
    rest = memoryview(data)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while rest:
            selector.select()
            rest = rest[sock.send(rest) :]
