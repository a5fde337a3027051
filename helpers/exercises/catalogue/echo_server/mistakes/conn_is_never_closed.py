import threading

conns = []


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        conns.append(conn)
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    while data := conn.recv(1024):
        conn.sendall(data)
