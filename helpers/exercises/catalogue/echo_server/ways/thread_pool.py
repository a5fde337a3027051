from concurrent.futures import ThreadPoolExecutor


def echo_server(listener):
    with ThreadPoolExecutor(max_workers=1000) as pool:
        while True:
            conn, _ = listener.accept()
            pool.submit(serve, conn)


def serve(conn):
    with conn:
        try:
            while data := conn.recv(65536):
                conn.sendall(data)
        except OSError:
            return
