import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        thread = threading.Thread(target=serve, args=(conn,), daemon=True)
        thread.start()
        conn.close()


def serve(conn):
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
