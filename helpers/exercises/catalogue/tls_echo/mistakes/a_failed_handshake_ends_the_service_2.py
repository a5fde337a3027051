import selectors
import ssl


class Client:
    def __init__(self, plain, context, selector):
        plain.setblocking(False)
        self.conn = context.wrap_socket(
            plain, server_side=True, do_handshake_on_connect=False
        )
        self.selector = selector
        self.step, self.data = self.shake_hands, b""
        selector.register(self.conn, selectors.EVENT_READ, self)

    def go_on(self):
        try:
            while self.step():
                pass
        except ssl.SSLWantReadError:
            self.selector.modify(self.conn, selectors.EVENT_READ, self)
        except ssl.SSLWantWriteError:
            self.selector.modify(self.conn, selectors.EVENT_WRITE, self)

    def shake_hands(self):
        self.conn.do_handshake()
        self.step = self.read
        return True

    def read(self):
        self.data = memoryview(self.conn.recv(4096))
        self.step = self.write if self.data else self.end
        return True

    def write(self):
        self.data = self.data[self.conn.send(self.data) :]
        if not self.data:
            self.step = self.read
        return True

    def end(self):
        self.conn.unwrap()
        self.close()
        return False

    def close(self):
        self.selector.unregister(self.conn)
        self.conn.close()


def tls_echo(listener, context):
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in selector.select():
                    if key.data is not None:
                        key.data.go_on()
                        continue
                    try:
                        plain, _ = listener.accept()
                    except BlockingIOError:
                        continue
                    try:
                        Client(plain, context, selector).go_on()
                    except OSError:
                        plain.close()
        finally:
            for key in list(selector.get_map().values()):
                if key.data is not None:
                    key.data.close()
