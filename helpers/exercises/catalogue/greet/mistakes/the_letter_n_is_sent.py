def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        with conn:
            conn.sendall(b"your port is N\n")
