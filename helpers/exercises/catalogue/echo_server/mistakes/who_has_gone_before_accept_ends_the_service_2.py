import threading


def handle(conn):
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)


def echo_server(listener):
    try:
        while True:
            conn, address = listener.accept()
            print("connected:", conn.getpeername())
            threading.Thread(target=handle, args=(conn,), daemon=True).start()
    except OSError:
        return
