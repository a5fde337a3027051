def echo_server(listener):
    conn, address = listener.accept()
    with conn:
        conn.sendall(conn.recv(1024))
