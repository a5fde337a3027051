import threading


def echo_server(listener):
    """A buffer that the kernel fills, and several threads in accept()."""

    def serve_all():
        buffer = bytearray(4096)
        view = memoryview(buffer)
        while True:
            conn, _ = listener.accept()
            with conn:
                try:
                    while count := conn.recv_into(buffer):
                        conn.sendall(view[:count])
                except ConnectionError:
                    pass

    for _ in range(4):
        threading.Thread(target=serve_all, daemon=True).start()
    serve_all()
