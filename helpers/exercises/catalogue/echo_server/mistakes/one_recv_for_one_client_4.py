def echo_server(listener):
    while True:
        conn, address = listener.accept()
        data = conn.recv(1024)
        conn.sendall(data)
