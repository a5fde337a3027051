import select


def echo_server(listener):
    """A client that does not read gets its bytes when it does, and keeps nobody waiting."""
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    conns = {}
    waiting = {}
    try:
        while True:
            for fd, _ in poller.poll():
                if fd == listener.fileno():
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    conns[conn.fileno()] = conn
                    waiting[conn.fileno()] = b""
                    poller.register(conn, select.EPOLLIN)
                    continue
                conn = conns[fd]
                try:
                    data = waiting[fd] or conn.recv(4096)
                    rest = data[conn.send(data) :] if data else b""
                except BlockingIOError:
                    rest = data
                except OSError:
                    data = b""
                if not data:
                    poller.unregister(fd)
                    del waiting[fd]
                    conns.pop(fd).close()
                    continue
                waiting[fd] = rest
                poller.modify(fd, select.EPOLLOUT if rest else select.EPOLLIN)
    finally:
        for conn in conns.values():
            conn.close()
