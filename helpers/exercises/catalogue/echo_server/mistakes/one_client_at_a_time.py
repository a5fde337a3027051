def echo_server(listener):
    while True:
        conn, address = listener.accept()
        with conn:
            while data := conn.recv(1024):
                conn.sendall(data)
