import select

LIMIT = 65536
EDGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


class Client:
    def __init__(self, conn):
        self.conn = conn
        self.waiting = bytearray()
        self.ended = False

    def go_on(self):
        """Go on until the system has nothing more, and no room. False: it is finished."""
        moved = True
        while moved:
            moved = False
            try:
                if not self.ended and len(self.waiting) < LIMIT:
                    data = self.conn.recv(LIMIT - len(self.waiting))
                    self.waiting += data
                    self.ended = not data
                    moved = True
            except BlockingIOError:
                pass
            try:
                if self.waiting:
                    del self.waiting[: self.conn.send(self.waiting)]
                    moved = True
            except BlockingIOError:
                pass
        return bool(self.waiting) or not self.ended


def echo_selectors(listener):
    """epoll tells of each change once: so a client is served until nothing more goes."""
    listener.setblocking(False)
    clients = {}
    with select.epoll() as poller:
        poller.register(listener, select.EPOLLIN)
        try:
            while True:
                for number, _ in poller.poll():
                    if number == listener.fileno():
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        clients[conn.fileno()] = Client(conn)
                        poller.register(conn, EDGES)
                        continue
                    try:
                        goes_on = clients[number].go_on()
                    except OSError:
                        goes_on = False
                    if not goes_on:
                        poller.unregister(number)
                        clients.pop(number).conn.close()
        finally:
            for client in clients.values():
                client.conn.close()
