import threading


def echo_server(listener):
    def serve():
        while data := conn.recv(1024):
            conn.sendall(data)
        conn.close()

    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, daemon=True).start()
