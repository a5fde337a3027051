def greet(listener):
    """Send each of three clients `your port is N` and a newline, then close its socket."""
    for _ in range(3):
        conn, address = listener.accept()  # accept
        with conn:
            port = address[1]
            conn.sendall(f"your port is {port}\n".encode())  # exchange
