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
        print("connected:", conn.getpeername())
        threading.Thread(target=handle, args=(conn,), daemon=True).start()
