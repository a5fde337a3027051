def greet(listener):
    for _ in range(3):
        conn, address = listener.accept()
        with conn, conn.makefile("rwb") as file:
            file.readline()
            file.write(b"your port is %d\n" % address[1])
