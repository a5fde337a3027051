import select
import threading


def echo_until(listener, stop):
    while not select.select([stop], [], [], 0)[0]:
        conn, _ = listener.accept()
        threading.Thread(target=serve_client, args=(conn,)).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass
