import threading


def echo_until(listener, stop):
    threads = []
    while not stop.recv(1):
        conn, _ = listener.accept()
        threads.append(threading.Thread(target=serve_client, args=(conn,)))
        threads[-1].start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass
