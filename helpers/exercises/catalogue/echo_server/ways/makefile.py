import threading


def echo_server(listener):
    def serve_client(conn):
        with conn, conn.makefile("rwb", buffering=0) as file:
            try:
                while data := file.read(4096):
                    view = memoryview(data)
                    while view:
                        view = view[file.write(view) :]
            except ConnectionError:
                pass

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()
