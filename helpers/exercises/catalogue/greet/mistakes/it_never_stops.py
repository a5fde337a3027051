def greet(listener):
    while True:
        conn, address = listener.accept()
        with conn:
            conn.sendall(f"your port is {address[1]}\n".encode())
