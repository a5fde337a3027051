def greet(listener):
    first, second, third = listener.accept(), listener.accept(), listener.accept()
    for conn, address in (first, second, third):
        with conn:
            conn.sendall(f"your port is {address[1]}\n".encode())
