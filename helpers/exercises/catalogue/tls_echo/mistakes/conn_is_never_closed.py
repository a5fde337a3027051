import threading

conns = []


def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        threading.Thread(target=serve_client, args=(plain, context), daemon=True).start()


def serve_client(plain, context):
    try:
        conn = context.wrap_socket(plain, server_side=True)
        conns.append(conn)
        while data := conn.recv(16384):
            conn.sendall(data)
        conn.unwrap()
    except OSError:
        plain.close()
