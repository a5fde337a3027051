import socket


def listen_on_both(port):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    listener.accept()
    return listener
