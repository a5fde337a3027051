import socket


def listen_on_both(port):
    return socket.create_server(("", 28888), family=socket.AF_INET6, dualstack_ipv6=True)
