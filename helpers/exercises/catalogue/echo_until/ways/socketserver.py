import selectors
import socket
import socketserver
import threading


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.server.talks.add(self.request)
        try:
            while data := self.request.recv(4096):
                self.request.sendall(data)
        except OSError:
            pass
        self.server.talks.discard(self.request)


def echo_until(listener, stop):
    """handle_request() meets one client. server_close() joins the threads."""
    server = socketserver.ThreadingTCPServer(
        listener.getsockname(), Echo, bind_and_activate=False
    )
    server.socket.close()
    server.socket = listener.dup()
    server.talks = set()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(stop, selectors.EVENT_READ)
        while stop not in [key.fileobj for key, _ in selector.select()]:
            server.handle_request()
    for conn in list(server.talks):
        shut(conn, socket.SHUT_RD)
    late = threading.Timer(0.5, shut_all, [server.talks])
    late.start()
    server.server_close()
    late.cancel()
    late.join()


def shut_all(talks):
    for conn in list(talks):
        shut(conn, socket.SHUT_RDWR)


def shut(conn, how):
    try:
        conn.shutdown(how)
    except OSError:
        pass
