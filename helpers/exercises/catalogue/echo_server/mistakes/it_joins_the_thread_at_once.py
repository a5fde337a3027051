import threading


def handle(conn):
    with conn:
        try:
            while data := conn.recv(1024):
                conn.sendall(data)
        except OSError:
            pass


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        thread = threading.Thread(target=handle, args=(conn,))
        thread.start()
        thread.join()
