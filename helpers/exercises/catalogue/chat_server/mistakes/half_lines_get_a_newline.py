import threading


def chat_server(listener):
    clients = []

    def talk(conn):
        with conn:
            try:
                while data := conn.recv(4096):
                    lines = data.removesuffix(b"\n").split(b"\n")
                    for line in lines:
                        give_others(conn, line + b"\n")
            except OSError:
                pass
            finally:
                clients.remove(conn)

    def give_others(conn, line):
        for other in list(clients):
            if other is not conn:
                other.sendall(line)

    while True:
        conn, _ = listener.accept()
        clients.append(conn)
        threading.Thread(target=talk, args=(conn,)).start()
