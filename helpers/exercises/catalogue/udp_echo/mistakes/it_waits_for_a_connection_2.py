def udp_echo(sock):
    sock.listen()
    while True:
        conn, client_address = sock.accept()
        with conn:
            conn.sendall(conn.recv(65535))
