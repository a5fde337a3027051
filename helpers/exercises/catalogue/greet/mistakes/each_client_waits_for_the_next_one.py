def greet(listener):
    conns = []
    for _ in range(3):
        conn, address = listener.accept()
        conn.sendall(f"your port is {address[1]}\n".encode())
        conns.append(conn)
    for conn in conns:
        conn.close()
