import threading


def echo_server(listener):
    conns = []
    while True:
        conn, address = listener.accept()
        conns.append(conn)
        threading.Thread(target=serve_client, args=(conn, conns), daemon=True).start()


def serve_client(conn, conns):
    with conn:
        while data := conn.recv(1024):
            for each in conns:
                each.sendall(data)
    conns.remove(conn)
