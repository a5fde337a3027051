def echo_server(listener):
    while True:
        conn, address = listener.accept()
        with conn:
            data = b""
            while piece := conn.recv(1024):
                data += piece
            conn.sendall(data)
