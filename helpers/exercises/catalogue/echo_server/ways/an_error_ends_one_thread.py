import threading


def echo_server(listener):
    """A reset ends the thread with an error that nobody sees; the service goes on."""

    def serve_client(conn):
        with conn:
            while data := conn.recv(4096):
                conn.sendall(data)

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()
