def greet(listener):
    listener.settimeout(10)
    try:
        for _ in range(3):
            conn, address = listener.accept()
            with conn:
                conn.sendall(f"your port is {address[1]}\n".encode())
    finally:
        listener.settimeout(None)
