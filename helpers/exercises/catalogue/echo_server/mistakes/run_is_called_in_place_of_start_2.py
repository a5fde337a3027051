import threading


class Client(threading.Thread):
    def __init__(self, conn):
        super().__init__()
        self.conn = conn

    def run(self):
        with self.conn:
            while data := self.conn.recv(1024):
                self.conn.sendall(data)


def echo_server(listener):
    while True:
        Client(listener.accept()[0]).run()
