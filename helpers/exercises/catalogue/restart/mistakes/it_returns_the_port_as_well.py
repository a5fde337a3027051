import socket


def restart(port):
    return socket.create_server(("127.0.0.1", port)), port
