import threading


def serve(conn):
    while True:
        try:
            data = conn.recv(1024)
        except ConnectionResetError:
            return
        if not data:
            conn.close()
            return
        try:
            conn.sendall(data)
        except OSError:
            conn.close()
            return


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
