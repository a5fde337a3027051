def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        with plain:
            try:
                with context.wrap_socket(plain, server_side=True) as conn:
                    while data := conn.recv(16384):
                        conn.sendall(data)
                    conn.unwrap()
            except OSError:
                pass
