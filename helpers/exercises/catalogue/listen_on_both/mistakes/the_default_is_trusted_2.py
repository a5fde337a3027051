import socket
import socketserver


class Server(socketserver.TCPServer):
    address_family = socket.AF_INET6


def listen_on_both(port):
    return Server(("::", port), socketserver.BaseRequestHandler).socket
