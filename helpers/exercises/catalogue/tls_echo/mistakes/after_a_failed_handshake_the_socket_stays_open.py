import threading

conns = []


def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        threading.Thread(target=serve_client, args=(plain, context), daemon=True).start()


def serve_client(plain, context):
    conns.append(plain)
    try:
        conn = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        conns.append(conn)
        conn.do_handshake()
        with conn:
            while data := conn.recv(16384):
                conn.sendall(data)
            conn.unwrap()
    except OSError:
        pass
