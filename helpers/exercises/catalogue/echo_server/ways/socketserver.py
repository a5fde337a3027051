import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(65536):
                self.request.sendall(data)
        except ConnectionError:
            pass


class ThreadingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


def echo_server(listener):
    server = ThreadingServer(listener.getsockname(), Echo, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.serve_forever(poll_interval=None)
