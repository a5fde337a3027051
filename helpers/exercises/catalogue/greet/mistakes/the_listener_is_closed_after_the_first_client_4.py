def greet(listener):
    conn, address = listener.accept()
    conn.sendall(f"your port is {address[1]}\n".encode())
    listener.close()
