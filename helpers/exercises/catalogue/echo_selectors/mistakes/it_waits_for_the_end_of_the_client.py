import selectors

LIMIT = 65536


def echo_selectors(listener):
    waiting = {}
    ended = set()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in selector.select():
                    conn = key.fileobj
                    if conn is listener:
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        waiting[conn] = bytearray()
                        selector.register(conn, selectors.EVENT_READ)
                        continue
                    go_on(conn, events, selector, waiting, ended)
        finally:
            for conn in waiting:
                conn.close()


def go_on(conn, events, selector, waiting, ended):
    try:
        if events & selectors.EVENT_READ:
            data = conn.recv(LIMIT - len(waiting[conn]))
            waiting[conn] += data
            if not data:
                ended.add(conn)
        if events & selectors.EVENT_WRITE:
            del waiting[conn][: conn.send(waiting[conn])]
    except OSError:
        ended.add(conn)
        waiting[conn].clear()
    wanted = 0
    if conn not in ended and len(waiting[conn]) < LIMIT:
        wanted |= selectors.EVENT_READ
    if waiting[conn] and conn in ended:
        wanted |= selectors.EVENT_WRITE
    if wanted:
        selector.modify(conn, wanted)
    else:
        selector.unregister(conn)
        conn.close()
        del waiting[conn]
        ended.discard(conn)
