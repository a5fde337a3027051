import threading


def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        try:
            conn = context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
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
