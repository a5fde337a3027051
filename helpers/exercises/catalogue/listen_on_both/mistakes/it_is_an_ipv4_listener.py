import socket


def listen_on_both(port):
    return socket.create_server(("", port))
