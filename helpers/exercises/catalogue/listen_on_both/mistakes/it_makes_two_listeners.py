import socket


def listen_on_both(port):
    four = socket.create_server(("", port))
    six = socket.create_server(("", four.getsockname()[1]), family=socket.AF_INET6)
    return four, six
