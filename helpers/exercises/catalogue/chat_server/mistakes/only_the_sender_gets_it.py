import threading


def chat_server(listener):
    clients = []

    def talk(conn):
        with conn:
            rest = b""
            try:
                while data := conn.recv(4096):
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        give_others(conn, line + b"\n")
            except OSError:
                pass
            finally:
                clients.remove(conn)

    def give_others(conn, line):
        conn.sendall(line)

    while True:
        conn, _ = listener.accept()
        clients.append(conn)
        threading.Thread(target=talk, args=(conn,)).start()
