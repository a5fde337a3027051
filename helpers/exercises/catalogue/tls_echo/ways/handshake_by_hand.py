import threading
from contextlib import suppress


def tls_echo(listener, context):
    def serve(plain):
        with plain, suppress(OSError):
            conn = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            try:
                conn.do_handshake()
                while data := conn.read(1000):
                    conn.sendall(data)
                conn.unwrap().close()
            finally:
                conn.close()

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=[conn], daemon=True).start()
