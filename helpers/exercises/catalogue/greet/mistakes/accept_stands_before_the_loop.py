def greet(listener):
    conn, address = listener.accept()
    for _ in range(3):
        conn.sendall(f"your port is {address[1]}\n".encode())
    conn.close()
