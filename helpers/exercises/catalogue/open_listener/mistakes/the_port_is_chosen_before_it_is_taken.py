import socket


def open_listener(backlog):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return socket.create_server(("127.0.0.1", port), backlog=backlog)
