import socket
import threading


def tls_echo(listener, context):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve_client, args=(conn, context), daemon=True).start()


def serve_client(plain, context):
    with plain:
        first = plain.recv(1, socket.MSG_PEEK)
        if first != b"\x16":
            return serve_plain(plain)
        try:
            with context.wrap_socket(plain, server_side=True) as conn:
                while data := conn.recv(16384):
                    conn.sendall(data)
                conn.unwrap()
        except OSError:
            pass


def serve_plain(plain):
    while data := plain.recv(16384):
        plain.sendall(data)
