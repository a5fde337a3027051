from concurrent.futures import ThreadPoolExecutor


def send_greeting(conn, port):
    with conn:
        conn.sendall(f"your port is {port}\n".encode())


def greet(listener):
    """Send each of three clients `your port is N` and a newline, then close its socket."""
    with ThreadPoolExecutor() as pool:
        for _ in range(3):
            conn, (host, port) = listener.accept()
            pool.submit(send_greeting, conn, port)
