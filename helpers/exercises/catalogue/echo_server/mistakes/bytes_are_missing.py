import threading


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(1024):
                conn.sendall(data.replace(b"\0", b""))
        except ConnectionError:
            pass
