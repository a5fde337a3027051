import selectors
from contextlib import suppress
from functools import partial

LIMIT = 65536


class Server:
    """It sends immediately, and waits for room only after the system had none. A callback each."""

    def __init__(self, listener):
        self.listener = listener
        self.selector = selectors.DefaultSelector()

    def run(self):
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept_all)
        try:
            while True:
                for key, events in self.selector.select():
                    key.data(events)
        finally:
            for key in list(self.selector.get_map().values()):
                if key.fileobj is not self.listener:
                    key.fileobj.close()
            self.selector.close()

    def accept_all(self, _):
        while True:
            try:
                conn, _ = self.listener.accept()
            except BlockingIOError:
                return
            conn.setblocking(False)
            self.selector.register(
                conn, selectors.EVENT_READ, partial(self.answer, conn, bytearray())
            )

    def answer(self, conn, buffer, events):
        try:
            if events & selectors.EVENT_READ:
                data = conn.recv(LIMIT - len(buffer))
                if not data:
                    return self.finish(conn, buffer)
                buffer += data
            flush(conn, buffer)
        except OSError:
            return self.forget(conn)
        wanted = selectors.EVENT_READ if len(buffer) < LIMIT else 0
        wanted |= selectors.EVENT_WRITE if buffer else 0
        self.selector.modify(conn, wanted, partial(self.answer, conn, buffer))

    def finish(self, conn, buffer, _=0):
        try:
            flush(conn, buffer)
        except OSError:
            buffer.clear()
        if not buffer:
            return self.forget(conn)
        self.selector.modify(conn, selectors.EVENT_WRITE, partial(self.finish, conn, buffer))

    def forget(self, conn):
        self.selector.unregister(conn)
        conn.close()


def flush(conn, buffer):
    with suppress(BlockingIOError):
        while buffer:
            del buffer[: conn.send(buffer)]


def echo_selectors(listener):
    Server(listener).run()
