import socket
import threading


def restart(port):
    listener = socket.create_server(("127.0.0.1", port))

    def serve():
        while True:
            conn, _ = listener.accept()
            conn.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener
