import socketserver
import threading


def tls_echo(listener, context):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while data := self.request.recv(4096):
                self.request.sendall(data)
            self.request.unwrap()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self):
            plain, address = super().get_request()
            return context.wrap_socket(plain, server_side=True), address

        def handle_error(self, request, client_address):
            pass

    with Server(listener.getsockname(), Handler, bind_and_activate=False) as server:
        server.socket.close()
        server.socket = listener
        server.serve_forever()
