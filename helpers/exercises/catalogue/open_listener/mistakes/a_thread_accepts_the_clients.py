import socket
import threading


def open_listener(backlog):
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)

    def serve():
        while True:
            conn, address = listener.accept()

    threading.Thread(target=serve, daemon=True).start()
    return listener
