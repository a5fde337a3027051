import socket
import socketserver
import threading

HERE = threading.Lock()


class Talk(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.waiting = []
        self.room = threading.Semaphore(0)
        self.sender = threading.Thread(target=self.send_all)
        with HERE:
            self.server.talks.append(self)
        self.sender.start()

    def handle(self):
        try:
            while True:
                line = self.rfile.readline(1000)
                if not line.endswith(b"\n"):
                    return
                with HERE:
                    for talk in self.server.talks:
                        if talk is not self:
                            talk.give(line)
        except ConnectionError:
            pass

    def give(self, line):
        self.waiting.append(line)
        if sum(map(len, self.waiting)) > 65536:
            self.end()
        self.room.release()

    def end(self):
        try:
            self.request.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def send_all(self):
        try:
            while True:
                self.room.acquire()
                with HERE:
                    line = self.waiting[0] if self.waiting else None
                if line is None:
                    return
                self.request.sendall(line)
                with HERE:
                    self.waiting.pop(0)
        except OSError:
            self.end()

    def finish(self):
        with HERE:
            self.server.talks.remove(self)
            self.waiting.clear()
        self.end()
        self.room.release()
        self.sender.join()
        super().finish()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def chat_server(listener):
    """The library accepts; each talk has a second thread that sends."""
    server = Server(listener.getsockname(), Talk, bind_and_activate=False)
    server.talks = []
    server.socket.close()
    server.socket = listener
    server.serve_forever(poll_interval=None)
