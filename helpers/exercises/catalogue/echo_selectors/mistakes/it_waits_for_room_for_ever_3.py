import select


def echo_selectors(listener):
    waiting = {}
    try:
        while True:
            readable, writable, _ = select.select([listener, *waiting], waiting, [])
            for conn in readable:
                if conn is listener:
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    waiting[conn] = b""
                    continue
                try:
                    data = conn.recv(4096)
                except OSError:
                    data = b""
                if data:
                    waiting[conn] += data
                else:
                    del waiting[conn]
                    conn.close()
            for conn in writable:
                if conn in waiting:
                    waiting[conn] = waiting[conn][conn.send(waiting[conn]) :]
    finally:
        for conn in waiting:
            conn.close()
