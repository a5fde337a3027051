count = 0


def greet(listener):
    global count
    while count < 3:
        conn, address = listener.accept()
        with conn:
            conn.sendall(f"your port is {address[1]}\n".encode())
        count += 1
