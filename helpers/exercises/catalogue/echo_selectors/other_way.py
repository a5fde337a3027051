import selectors

LIMIT = 65536


def echo_selectors(listener):
    """Echo to every client of listener in this one thread, until stopped."""
    clients = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in selector.select():
                    if key.fileobj is listener:
                        conn, address = listener.accept()
                        clients[conn] = talk(conn)
                        selector.register(conn, next(clients[conn]))
                        continue
                    conn = key.fileobj
                    try:
                        selector.modify(conn, clients[conn].send(events))
                    except (StopIteration, OSError):
                        selector.unregister(conn)
                        del clients[conn]
                        conn.close()
        finally:
            for conn in clients:
                conn.close()


def talk(conn):
    """Yield what it waits for. What is ready comes back, and it goes on until the next yield."""
    conn.setblocking(False)
    waiting = bytearray()
    ended = False
    while waiting or not ended:
        wanted = selectors.EVENT_WRITE if waiting else 0
        if not ended and len(waiting) < LIMIT:
            wanted |= selectors.EVENT_READ
        ready = yield wanted
        try:
            if ready & selectors.EVENT_WRITE:
                del waiting[: conn.send(waiting)]
            if ready & selectors.EVENT_READ:
                data = conn.recv(LIMIT - len(waiting))
                ended = not data
                waiting += data
        except BlockingIOError:
            pass  # it was not ready after all
