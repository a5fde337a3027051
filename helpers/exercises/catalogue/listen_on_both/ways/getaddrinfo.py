import socket


def listen_on_both(port):
    entries = socket.getaddrinfo(
        None, port, socket.AF_INET6, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, proto, _, address = entries[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener
