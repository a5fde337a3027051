import threading


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        thread = threading.Thread(target=serve_client, args=(conn,), daemon=True)
        thread.start()
        thread.join()


def serve_client(conn):
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
