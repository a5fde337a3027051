import socket
from contextlib import ExitStack


def listen_on_both(port):
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET6))
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, False)
        listener.bind(("", port, 0, 0))
        listener.listen(16)
        stack.pop_all()
        return listener
