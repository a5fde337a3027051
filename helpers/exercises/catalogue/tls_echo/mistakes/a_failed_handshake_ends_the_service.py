import threading


def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        conn = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def serve_client(conn):
    with conn:
        try:
            conn.do_handshake()
            while data := conn.recv(16384):
                conn.sendall(data)
            conn.unwrap()
        except OSError:
            pass
