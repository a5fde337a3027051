import selectors
import threading


def echo_selectors(listener):
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                conn, _ = listener.accept()
                threading.Thread(target=serve, args=(conn,), daemon=True).start()


def serve(conn):
    with conn, selectors.DefaultSelector() as selector:
        selector.register(conn, selectors.EVENT_READ)
        try:
            while selector.select():
                data = conn.recv(4096)
                if not data:
                    return
                conn.sendall(data)
        except OSError:
            pass
