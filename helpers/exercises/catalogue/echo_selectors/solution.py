import selectors

LIMIT = 65536


class Client:
    """One client: what came from it, and was not sent back yet."""

    def __init__(self, conn):
        self.conn = conn
        self.waiting = bytearray()
        self.has_ended = False

    def wanted(self):
        """What to wait for. Nothing: this client is finished."""
        events = 0
        if len(self.waiting) < LIMIT and not self.has_ended:
            events |= selectors.EVENT_READ
        if self.waiting:
            events |= selectors.EVENT_WRITE
        return events

    def go_on(self, events):
        """Do what can be done without waiting."""
        if events & selectors.EVENT_READ:
            data = self.conn.recv(LIMIT - len(self.waiting))
            self.has_ended = not data
            self.waiting += data
        if events & selectors.EVENT_WRITE:
            sent = self.conn.send(self.waiting)
            del self.waiting[:sent]


def echo_selectors(listener):
    """Echo to every client of listener in this one thread, until stopped."""
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in selector.select():
                    if key.data is None:
                        meet(listener, selector)
                    else:
                        serve(key.data, events, selector)
        finally:
            for key in list(selector.get_map().values()):
                if key.data is not None:
                    key.data.conn.close()


def meet(listener, selector):
    try:
        conn, address = listener.accept()
    except OSError:
        return  # the client has gone before its turn came
    conn.setblocking(False)
    selector.register(conn, selectors.EVENT_READ, Client(conn))


def serve(client, events, selector):
    try:
        client.go_on(events)
    except BlockingIOError:
        pass  # it was not ready after all
    except OSError:
        events = 0  # it broke off; the others go on
    wanted = client.wanted() if events else 0
    if wanted:
        selector.modify(client.conn, wanted, client)
    else:
        selector.unregister(client.conn)
        client.conn.close()
