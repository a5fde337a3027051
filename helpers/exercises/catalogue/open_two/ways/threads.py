import socket
from concurrent.futures import ThreadPoolExecutor


def open_two():
    with ThreadPoolExecutor() as pool:
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        return tuple(pool.map(lambda kind: socket.socket(socket.AF_INET, kind), kinds))
