import selectors


def echo_selectors(listener):
    conns = set()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in selector.select():
                    conn = key.fileobj
                    if conn is listener:
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        conns.add(conn)
                        selector.register(conn, selectors.EVENT_READ)
                        continue
                    try:
                        data = conn.recv(4096)
                        conn.sendall(data)
                    except OSError:
                        data = b""
                    if not data:
                        selector.unregister(conn)
                        conns.remove(conn)
                        conn.close()
        finally:
            for conn in conns:
                conn.close()
