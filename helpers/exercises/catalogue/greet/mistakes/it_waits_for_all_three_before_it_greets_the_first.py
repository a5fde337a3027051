def greet(listener):
    accepted = []
    for _ in range(3):
        accepted.append(listener.accept())
    for conn, address in accepted:
        with conn:
            conn.sendall(f"your port is {address[1]}\n".encode())
