import socket


def listen_on_both(port):
    with socket.create_server(
        ("", port), family=socket.AF_INET6, dualstack_ipv6=True
    ) as listener:
        return listener
