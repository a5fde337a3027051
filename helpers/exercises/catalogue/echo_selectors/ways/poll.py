import select


def echo_selectors(listener):
    """One piece at a time: it reads when all of the last piece is sent."""
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    conns = {}
    rests = {}
    try:
        while True:
            for fd, _ in poller.poll():
                if fd == listener.fileno():
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    conns[conn.fileno()] = conn
                    rests[conn.fileno()] = b""
                    poller.register(conn, select.POLLIN)
                    continue
                conn = conns[fd]
                try:
                    data = rests[fd] or conn.recv(4096)
                    rests[fd] = data[conn.send(data) :] if data else b""
                except BlockingIOError:
                    rests[fd] = data
                except OSError:
                    data = b""
                if data:
                    poller.modify(fd, select.POLLOUT if rests[fd] else select.POLLIN)
                else:
                    poller.unregister(fd)
                    del rests[fd]
                    conns.pop(fd).close()
    finally:
        for conn in conns.values():
            conn.close()
