import contextlib
import selectors


def echo_server(listener):
    """Each client has a buffer of what it has not taken yet, and is not read while it is full."""
    waiting = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in selector.select():
                    if key.fileobj is listener:
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        waiting[conn] = bytearray()
                        selector.register(conn, selectors.EVENT_READ)
                        continue
                    conn = key.fileobj
                    try:
                        if events & selectors.EVENT_READ:
                            data = conn.recv(65536)
                            if not data:
                                raise EOFError
                            waiting[conn] += data
                        if waiting[conn]:
                            with contextlib.suppress(BlockingIOError):
                                del waiting[conn][: conn.send(waiting[conn])]
                        wanted = selectors.EVENT_WRITE if waiting[conn] else selectors.EVENT_READ
                        selector.modify(conn, wanted)
                    except (EOFError, ConnectionError):
                        selector.unregister(conn)
                        del waiting[conn]
                        conn.close()
        finally:
            for conn in waiting:
                conn.close()
