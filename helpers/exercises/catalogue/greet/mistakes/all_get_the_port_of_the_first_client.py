def greet(listener):
    conn, address = listener.accept()
    greeting = f"your port is {address[1]}\n".encode()
    with conn:
        conn.sendall(greeting)
    for _ in range(2):
        conn, address = listener.accept()
        with conn:
            conn.sendall(greeting)
