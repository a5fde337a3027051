import threading


def tls_echo(listener, context):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn, context), daemon=True).start()


def serve_client(plain, context):
    with plain:
        try:
            with context.wrap_socket(plain, server_side=True) as conn:
                count = 0
                while count < 100_000 and (data := conn.recv(16384)):
                    conn.sendall(data)
                    count += len(data)
                conn.unwrap()
        except OSError:
            pass
