import contextlib
import select

LIMIT = 65536


def echo_selectors(listener):
    """select() is told anew at each turn whom to watch."""
    waiting = {}
    ended = set()
    try:
        while True:
            reading = [c for c, data in waiting.items() if c not in ended and len(data) < LIMIT]
            writing = [c for c, data in waiting.items() if data]
            readable, writable, _ = select.select([listener, *reading], writing, [])
            for conn in {*readable, *writable} - {listener}:
                try:
                    with contextlib.suppress(BlockingIOError):
                        if conn in readable:
                            data = conn.recv(LIMIT - len(waiting[conn]))
                            waiting[conn] += data
                            if not data:
                                ended.add(conn)
                        if conn in writable:
                            del waiting[conn][: conn.send(waiting[conn])]
                except OSError:
                    waiting[conn].clear()
                    ended.add(conn)
                if conn in ended and not waiting[conn]:
                    conn.close()
                    ended.discard(conn)
                    del waiting[conn]
            if listener in readable:
                conn, _ = listener.accept()
                conn.setblocking(False)
                waiting[conn] = bytearray()
    finally:
        for conn in waiting:
            conn.close()
