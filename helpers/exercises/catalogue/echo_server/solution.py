import threading


def echo_server(listener):
    """Echo to every client of listener, several at a time, until stopped."""
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass  # this client broke off; the others go on
