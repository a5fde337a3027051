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
    """epoll forgets a descriptor that is closed: here nobody unregisters it."""
    conns = {}
    with select.epoll() as poller:
        poller.register(listener, select.EPOLLIN)
        try:
            while True:
                for fd, _ in poller.poll():
                    if fd == listener.fileno():
                        conn, _ = listener.accept()
                        conns[conn.fileno()] = conn
                        poller.register(conn, select.EPOLLIN)
                        continue
                    if not echoed(conns[fd]):
                        conns.pop(fd).close()
        finally:
            for conn in conns.values():
                conn.close()
