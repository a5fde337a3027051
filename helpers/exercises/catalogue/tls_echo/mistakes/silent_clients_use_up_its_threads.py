from concurrent.futures import ThreadPoolExecutor


def tls_echo(listener, context):
    with ThreadPoolExecutor(10) as pool:
        while True:
            plain, address = listener.accept()
            pool.submit(serve_client, plain, context)


def serve_client(plain, context):
    with plain:
        try:
            with context.wrap_socket(plain, server_side=True) as conn:
                while data := conn.recv(16384):
                    conn.sendall(data)
                conn.unwrap()
        except OSError:
            pass
