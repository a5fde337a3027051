import selectors


def echo_server(listener):
    with selectors.DefaultSelector() as sel:
        sel.register(listener, selectors.EVENT_READ)
        out = {}
        while True:
            for key, ready in sel.select():
                if key.fileobj is listener:
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    sel.register(conn, selectors.EVENT_READ)
                    out[conn] = [b"", False]
                    continue
                conn = key.fileobj
                state = out[conn]
                try:
                    if ready & selectors.EVENT_READ:
                        data = conn.recv(65536)
                        state[0] += data
                        state[1] = state[1] or not data
                    if state[0]:
                        try:
                            state[0] = state[0][conn.send(state[0]):]
                        except BlockingIOError:
                            pass
                except ConnectionResetError:
                    state[0], state[1] = b"", True
                if state[1] and not state[0]:
                    sel.unregister(conn)
                    del out[conn]
                    conn.close()
                    continue
                want = selectors.EVENT_WRITE if state[0] else 0
                if not state[1] and len(state[0]) < 65536:
                    want |= selectors.EVENT_READ
                sel.modify(conn, want)
