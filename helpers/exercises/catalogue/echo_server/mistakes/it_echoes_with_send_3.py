import selectors


def echo_server(listener):
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    conn, address = listener.accept()
                    conn.setblocking(False)
                    selector.register(conn, selectors.EVENT_READ)
                    continue
                conn = key.fileobj
                try:
                    data = conn.recv(65536)
                    if data:
                        conn.send(data)
                except BlockingIOError:
                    continue
                except ConnectionError:
                    data = b""
                if not data:
                    selector.unregister(conn)
                    conn.close()
