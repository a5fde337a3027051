import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()


def serve(conn):
    with conn:
        try:
            while data := conn.recv(16):
                conn.sendall(data)
        except OSError:
            pass
