import threading


def serve(conn):
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
        conn.close()
    except OSError:
        pass


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
