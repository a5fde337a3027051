def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        conn.close()
        conn.sendall(f"your port is {address[1]}\n".encode())
