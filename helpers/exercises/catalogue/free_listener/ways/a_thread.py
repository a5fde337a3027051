import socket
from concurrent.futures import ThreadPoolExecutor


def free_by_name():
    listener = socket.socket()
    listener.bind(("localhost", 0))
    _, port = listener.getsockname()
    return listener, port


def free_listener():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(free_by_name).result()
