def greet(listener):
    listener.settimeout(5)
    try:
        for _ in range(3):
            conn, address = listener.accept()
            with conn:
                conn.sendall(f"your port is {address[1]}\n".encode())
    except TimeoutError:
        pass
    listener.settimeout(None)
