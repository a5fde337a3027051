import select


def chat_server(listener):
    clients = {}
    try:
        while True:
            ready, _, _ = select.select([listener, *clients], [], [])
            for sock in ready:
                if sock is listener:
                    conn, _ = listener.accept()
                    clients[conn] = b""
                else:
                    serve(sock, clients)
    finally:
        for conn in clients:
            conn.close()


def serve(conn, clients):
    data = conn.recv(4096)
    if not data:
        del clients[conn]
        conn.close()
        return
    *lines, clients[conn] = (clients[conn] + data).split(b"\n")
    for line in (each.decode(errors="ignore").encode() for each in lines):
        for other in clients:
            if other is not conn:
                other.sendall(line + b"\n")
