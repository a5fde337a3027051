import socket
from concurrent.futures import ThreadPoolExecutor


def open_listener(backlog):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(socket.create_server, ("127.0.0.1", 0), backlog=backlog).result()
