import socket


def listen_on_both(port):
    six = socket.create_server(("", port), family=socket.AF_INET6)
    four = socket.create_server(("", six.getsockname()[1]))
    return [six, four]
