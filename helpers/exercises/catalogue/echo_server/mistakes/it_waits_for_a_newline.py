import threading


def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn, conn.makefile("rb") as lines:
        for line in lines:
            conn.sendall(line)
