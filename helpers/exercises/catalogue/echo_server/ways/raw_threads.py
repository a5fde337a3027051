import _thread


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        _thread.start_new_thread(serve, (conn,))


def serve(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass
