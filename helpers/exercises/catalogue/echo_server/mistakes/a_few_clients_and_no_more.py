import threading


def echo_server(listener):
    threads = []
    for _ in range(3):
        conn, address = listener.accept()
        thread = threading.Thread(target=serve_client, args=(conn,), daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(1024):
                conn.sendall(data)
        except ConnectionError:
            pass
