import collections
import socket
import threading


def chat_server(listener):
    """Send each line of a client to all the others, until stopped."""
    chat = Chat()
    while True:
        conn, address = listener.accept()
        threading.Thread(target=chat.talk, args=(Client(conn),), daemon=True).start()


class Client:
    """A connection, and the bytes that wait to be sent on it."""

    def __init__(self, conn):
        self.conn = conn
        self.waiting = bytearray()
        self.ended = False
        self.changed = threading.Condition()

    def give(self, line):
        with self.changed:
            self.waiting += line
            if len(self.waiting) > 65536:
                self.end()
            self.changed.notify()

    def end(self):
        with self.changed:
            self.ended = True
            self.waiting.clear()
            self.changed.notify()
            try:
                self.conn.shutdown(socket.SHUT_RDWR)  # its two threads wake up
            except OSError:
                pass  # the client was faster

    def send_all(self):
        try:
            for data in iter(self.next_bytes, b""):
                self.conn.sendall(data)  # no lock is held
                with self.changed:
                    del self.waiting[: len(data)]
        except OSError:
            self.end()

    def next_bytes(self):
        with self.changed:
            self.changed.wait_for(lambda: self.waiting or self.ended)
            return bytes(self.waiting)


class Chat:
    """All clients that are there."""

    def __init__(self):
        self.clients = set()
        self.lock = threading.Lock()

    def talk(self, client):
        sender = threading.Thread(target=client.send_all, daemon=True)
        with client.conn:
            with self.lock:
                self.clients.add(client)
            sender.start()
            try:
                self.pass_on(client)
            except OSError:
                pass  # this client broke off; the others go on
            finally:
                with self.lock:
                    self.clients.remove(client)
                client.end()
                sender.join()

    def pass_on(self, client):
        rest = b""
        while data := client.conn.recv(4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if len(line) >= 1000:
                    return
                with self.lock:
                    for other in self.clients - {client}:
                        other.give(line + b"\n")
            if len(rest) >= 1000:
                return
