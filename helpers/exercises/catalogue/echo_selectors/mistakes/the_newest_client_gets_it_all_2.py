import selectors


def echo_selectors(listener):
    with selectors.DefaultSelector() as selector:

        def meet():
            conn = None
            while True:
                try:
                    conn, _ = listener.accept()
                except BlockingIOError:
                    return
                conn.setblocking(False)
                conns.append(conn)
                selector.register(conn, selectors.EVENT_READ, lambda: serve(conn))

        def serve(conn):
            try:
                data = conn.recv(4096)
                if data:
                    conn.sendall(data)
                    return
            except BlockingIOError:
                return
            except OSError:
                pass
            if conn in conns:
                selector.unregister(conn)
                conns.remove(conn)
                conn.close()

        conns = []
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, meet)
        try:
            while True:
                for key, _ in selector.select():
                    key.data()
        finally:
            for conn in conns:
                conn.close()
