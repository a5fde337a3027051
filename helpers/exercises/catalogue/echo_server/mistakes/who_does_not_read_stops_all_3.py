import selectors


def echo_server(listener):
    with selectors.DefaultSelector() as sel:
        sel.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in sel.select():
                if key.fileobj is listener:
                    conn, _ = listener.accept()
                    sel.register(conn, selectors.EVENT_READ)
                    continue
                conn = key.fileobj
                try:
                    data = conn.recv(4096)
                    if data:
                        conn.sendall(data)
                except OSError:
                    data = b""
                if not data:
                    sel.unregister(conn)
                    conn.close()
