import selectors


def _greeting(port):
    return f"your port is {port}\n".encode()


def greet(listener):
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        left = 3
        while left:
            for _ in selector.select():
                conn, (_, port) = listener.accept()
                with conn:
                    conn.sendall(_greeting(port))
                left -= 1
    listener.setblocking(True)
