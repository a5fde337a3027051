import selectors


def echo_selectors(listener):
    with selectors.DefaultSelector() as selector:

        def meet():
            conn, _ = listener.accept()
            conn.setblocking(False)
            selector.register(conn, selectors.EVENT_READ, serve)
            conns.append(conn)

        def serve():
            conn = conns[-1]
            try:
                data = conn.recv(4096)
                if data:
                    conn.sendall(data)
                    return
            except BlockingIOError:
                return
            except OSError:
                pass
            selector.unregister(conn)
            conns.remove(conn)
            conn.close()

        conns = []
        selector.register(listener, selectors.EVENT_READ, meet)
        try:
            while True:
                for key, _ in selector.select():
                    key.data()
        finally:
            for conn in conns:
                conn.close()
