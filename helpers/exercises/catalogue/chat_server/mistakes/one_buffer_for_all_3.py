import select


def chat_server(listener):
    clients = {None: b""}
    try:
        while True:
            ready, _, _ = select.select([listener, *filter(None, clients)], [], [])
            for sock in ready:
                if sock is listener:
                    conn, _ = listener.accept()
                    clients[conn] = b""
                else:
                    serve(sock, clients)
    finally:
        for conn in filter(None, clients):
            conn.close()


def serve(conn, clients):
    data = conn.recv(4096)
    if not data:
        del clients[conn]
        conn.close()
        return
    *lines, clients[None] = (clients[None] + data).split(b"\n")
    for line in lines:
        for other in filter(None, clients):
            if other is not conn:
                other.sendall(line + b"\n")
