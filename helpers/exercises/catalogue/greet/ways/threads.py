import threading


def _greeting(port):
    return f"your port is {port}\n".encode()


def greet(listener):
    def serve(conn):
        with conn:
            conn.sendall(_greeting(conn.getpeername()[1]))

    threads = []
    for _ in range(3):
        conn, _ = listener.accept()
        threads.append(threading.Thread(target=serve, args=(conn,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
