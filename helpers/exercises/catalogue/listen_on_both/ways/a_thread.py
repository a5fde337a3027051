import socket
from concurrent.futures import ThreadPoolExecutor


def listen_on_both(port):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(
            socket.create_server, ("::", port), family=socket.AF_INET6, dualstack_ipv6=True
        ).result()
