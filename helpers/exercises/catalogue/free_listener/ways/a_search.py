import socket


def free_listener():
    listener = socket.socket()
    for port in range(20_000, 21_000):
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        return [listener, port]
    raise OSError("no port is free")
