import socket
import threading


def open_listener(backlog):
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    threading.Thread(target=listener.accept, daemon=True).start()
    return listener
