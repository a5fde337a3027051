import threading


def handle(conn):
    left = 5_000_000
    with conn:
        while data := conn.recv(65536):
            left -= len(data)
            if left < 0:
                break
            conn.sendall(data)


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=handle, args=(conn,), daemon=True).start()
