import socket
import socketserver


class Server(socketserver.TCPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def listen_on_both(port):
    return Server(("::", port), socketserver.BaseRequestHandler).socket
