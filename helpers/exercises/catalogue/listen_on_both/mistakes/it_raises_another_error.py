import socket


def listen_on_both(port):
    try:
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    except OSError:
        raise ValueError(f"port {port} is taken") from None
