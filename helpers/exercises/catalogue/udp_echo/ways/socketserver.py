import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


class Server(socketserver.UDPServer):
    max_packet_size = 65535

    def handle_error(self, request, client_address):
        pass


def udp_echo(sock):
    server = Server(sock.getsockname(), Echo, bind_and_activate=False)
    server.socket.close()
    server.socket = sock
    server.serve_forever()
