import functools
import socket


@functools.cache
def listen_on_both(port):
    return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
