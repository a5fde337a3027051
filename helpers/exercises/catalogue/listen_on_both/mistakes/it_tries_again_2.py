import socket


def listen_on_both(port):
    for _ in range(3):
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError as error:
            last = error
    raise last
