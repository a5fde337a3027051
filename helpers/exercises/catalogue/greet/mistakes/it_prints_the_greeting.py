def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        with conn:
            print(f"your port is {address[1]}")
