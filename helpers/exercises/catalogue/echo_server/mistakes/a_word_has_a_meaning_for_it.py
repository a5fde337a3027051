import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,)).start()


def serve(conn):
    with conn:
        try:
            while data := conn.recv(1024):
                if data.strip() == b"quit":
                    break
                conn.sendall(data)
        except OSError:
            pass
