import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,)).start()


def serve(conn):
    with conn:
        conn.settimeout(0.5)
        try:
            while data := conn.recv(1024):
                conn.sendall(data)
        except OSError:
            pass
