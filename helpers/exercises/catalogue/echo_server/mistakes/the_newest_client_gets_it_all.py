import threading


def echo_server(listener):
    conn = None

    def serve_client(mine):
        with mine:
            while data := mine.recv(1024):
                conn.sendall(data)

    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()
