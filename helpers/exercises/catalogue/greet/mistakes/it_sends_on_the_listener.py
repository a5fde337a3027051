def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        with conn:
            listener.sendall(f"your port is {address[1]}\n".encode())
