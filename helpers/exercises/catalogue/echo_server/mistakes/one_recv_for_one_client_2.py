def echo_server(listener):
    while True:
        conn, address = listener.accept()
        with conn:
            conn.sendall(conn.recv(1024))
