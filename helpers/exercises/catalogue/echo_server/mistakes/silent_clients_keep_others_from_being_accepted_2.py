import threading


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        try:
            data = conn.recv(4096)
        except OSError:
            conn.close()
            continue
        threading.Thread(target=serve, args=(conn, data)).start()


def serve(conn, data):
    with conn:
        try:
            while data:
                conn.sendall(data)
                data = conn.recv(4096)
        except OSError:
            pass
