import threading


def tls_echo(listener, context):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(16384):
                conn.sendall(data)
        except OSError:
            pass
