import socket


def restart(port):
    for _ in range(3):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            pass
    raise OSError("in use")
