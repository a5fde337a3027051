import select


def echo_selectors(listener):
    conns = [listener]
    try:
        while True:
            readable, _, _ = select.select(conns, [], [])
            for conn in readable:
                if conn is listener:
                    conn, _ = listener.accept()
                    conns.append(conn)
                    continue
                try:
                    data = conn.recv(4096)
                    conn.sendall(data)
                except OSError:
                    data = b""
                if not data:
                    conn.close()
    finally:
        for conn in conns[1:]:
            conn.close()
