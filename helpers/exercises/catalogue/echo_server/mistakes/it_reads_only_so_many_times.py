import threading


def serve(conn):
    with conn:
        try:
            for _ in range(100):
                data = conn.recv(65536)
                if not data:
                    return
                conn.sendall(data)
        except OSError:
            pass


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
