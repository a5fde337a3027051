import os
from http.server import BaseHTTPRequestHandler, HTTPServer


def restart(port):
    class Server(HTTPServer):
        allow_reuse_address = os.name == "posix"

    return Server(("127.0.0.1", port), BaseHTTPRequestHandler).socket
