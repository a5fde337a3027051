import threading


def handle(conn):
    with conn:
        data = conn.recv(1024)
        while data:
            conn.sendall(data)


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=handle, args=(conn,), daemon=True).start()
