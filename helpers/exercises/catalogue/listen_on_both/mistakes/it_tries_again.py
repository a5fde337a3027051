import socket
import time


def listen_on_both(port):
    while True:
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError:
            time.sleep(0.2)
