import socket


def restart(port):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return socket.socket(fileno=listener.detach())
