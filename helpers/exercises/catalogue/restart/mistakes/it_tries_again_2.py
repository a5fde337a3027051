import socket
import time


def restart(port):
    while True:
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
            return listener
        except OSError:
            listener.close()
            time.sleep(0.2)
