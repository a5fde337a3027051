import threading


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(1024):
                conn.sendall(data.decode(errors="replace").encode())
        except ConnectionError:
            pass
