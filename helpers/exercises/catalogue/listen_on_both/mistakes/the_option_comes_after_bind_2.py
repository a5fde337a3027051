import socket


def listen_on_both(port):
    listener = socket.create_server(("", port), family=socket.AF_INET6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    return listener
