import socketserver


def _greeting(port):
    return f"your port is {port}\n".encode()


def greet(listener):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(_greeting(self.client_address[1]))

    server = socketserver.TCPServer(listener.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    for _ in range(3):
        server.handle_request()
