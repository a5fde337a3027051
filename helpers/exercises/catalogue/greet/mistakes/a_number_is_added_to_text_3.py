def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        greeting = "your port is " + address[1] + "\n"
        conn.sendall(greeting.encode())
        conn.close()
