import socket
from concurrent.futures import ThreadPoolExecutor


def probe(addresses, limit):
    def one(address):
        try:
            with socket.create_connection(address, limit):
                return "open"
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silent"

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, addresses))
