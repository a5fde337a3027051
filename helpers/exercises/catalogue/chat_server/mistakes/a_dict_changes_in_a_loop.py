import threading


def chat_server(listener):
    clients = {}

    def talk(conn):
        with conn:
            rest = b""
            try:
                while data := conn.recv(4096):
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        if len(line) > 999:
                            return
                        give_others(conn, line + b"\n")
                    if len(rest) > 999:
                        return
            except OSError:
                pass
            finally:
                del clients[conn]

    def give_others(conn, line):
        for other in clients:
            if other is not conn:
                other.sendall(line)

    while True:
        conn, _ = listener.accept()
        clients[conn] = True
        threading.Thread(target=talk, args=(conn,)).start()
