import threading


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client(conn), daemon=True).start()


def serve_client(conn):
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
