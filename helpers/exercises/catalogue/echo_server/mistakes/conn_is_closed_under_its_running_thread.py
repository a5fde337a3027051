import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        with conn:
            threading.Thread(target=serve, args=(conn,), daemon=True).start()


def serve(conn):
    while data := conn.recv(1024):
        conn.sendall(data)
