def echo_server(listener):
    conn, address = listener.accept()
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
