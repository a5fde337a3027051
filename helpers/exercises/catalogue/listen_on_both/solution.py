import socket


def listen_on_both(port):
    """Return one listener at `port` of every interface, for clients of IPv4 and of IPv6."""
    return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
