import threading


def tls_echo(listener, context):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn, context), daemon=True).start()


def serve_client(plain, context):
    with plain:
        try:
            with context.wrap_socket(plain) as conn:
                while data := conn.recv(16384):
                    conn.sendall(data)
                conn.unwrap()
        except OSError:
            pass
