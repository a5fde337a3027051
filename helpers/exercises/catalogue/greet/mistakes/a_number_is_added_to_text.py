def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        with conn:
            greeting = "your port is " + address[1] + "\n"
            conn.sendall(greeting.encode())
