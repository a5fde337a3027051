import socket


def listen_on_both(port):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return listener, listener.getsockname()[1]
