import selectors
import time


def echo_until(listener, stop):
    """One thread for all. When it is told to end, it still serves those that have ended."""
    # Longer than 40 lines: all of it in one function, as many write it.
    waiting, ended, until = {}, set(), None
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(stop, selectors.EVENT_READ)

        def leave(conn):
            selector.unregister(conn)
            del waiting[conn]
            conn.close()

        def serve(conn, events):
            if events & selectors.EVENT_READ and not waiting[conn]:
                waiting[conn] = conn.recv(4096)
                if not waiting[conn]:
                    return leave(conn)
            if waiting[conn]:
                try:
                    waiting[conn] = waiting[conn][conn.send(waiting[conn]) :]
                except BlockingIOError:
                    pass
            wanted = selectors.EVENT_WRITE if waiting[conn] else selectors.EVENT_READ
            selector.modify(conn, wanted)

        try:
            while until is None or (waiting and time.monotonic() < until):
                left = None if until is None else max(0, until - time.monotonic())
                ready = selector.select(left)
                for key, events in ready:
                    sock = key.fileobj
                    if sock is stop:
                        until = time.monotonic() + 0.6
                        selector.unregister(stop)
                        selector.unregister(listener)
                    elif sock is listener and until is None:
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        waiting[conn] = b""
                        selector.register(conn, selectors.EVENT_READ)
                    elif sock in waiting:
                        try:
                            serve(sock, events)
                        except OSError:
                            leave(sock)
                if until is not None:
                    quiet = {key.fileobj for key, _ in ready}
                    for conn in [each for each in waiting if each not in quiet]:
                        if not waiting[conn]:
                            leave(conn)
        finally:
            for conn in list(waiting):
                conn.close()
