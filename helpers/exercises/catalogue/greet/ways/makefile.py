def greet(listener):
    for _ in range(3):
        conn, (_, port) = listener.accept()
        with conn, conn.makefile("w", newline="\n") as file:
            print("your port is", port, file=file)
