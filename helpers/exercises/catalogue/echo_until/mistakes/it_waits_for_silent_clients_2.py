import select
from concurrent.futures import ThreadPoolExecutor


def echo_until(listener, stop):
    with ThreadPoolExecutor(1000) as pool:
        while stop not in select.select([listener, stop], [], [])[0]:
            conn, _ = listener.accept()
            pool.submit(serve_client, conn)


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass
