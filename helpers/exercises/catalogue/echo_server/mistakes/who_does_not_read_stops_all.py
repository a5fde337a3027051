import select


def echoed(conn):
    """Echo what has come; False if nothing will come any more."""
    try:
        data = conn.recv(4096)
        conn.sendall(data)
    except ConnectionError:
        return False
    return bool(data)


def echo_server(listener):
    """poll() itself. A client that does not read gets its bytes when it does."""
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    conns = {}
    try:
        while True:
            for fd, _ in poller.poll():
                if fd == listener.fileno():
                    conn, _ = listener.accept()
                    conns[conn.fileno()] = conn
                    poller.register(conn, select.POLLIN)
                    continue
                if not echoed(conns[fd]):
                    poller.unregister(fd)
                    conns.pop(fd).close()
    finally:
        for conn in conns.values():
            conn.close()
