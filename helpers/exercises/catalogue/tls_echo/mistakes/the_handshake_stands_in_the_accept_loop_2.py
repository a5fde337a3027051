import threading


def tls_echo(listener, context):
    secured = context.wrap_socket(listener, server_side=True)
    while True:
        try:
            conn, address = secured.accept()
        except OSError:
            continue
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(16384):
                conn.sendall(data)
            conn.unwrap()
        except OSError:
            pass
