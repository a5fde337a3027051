def echo_selectors(listener):
    listener.setblocking(False)
    conns = []
    while True:
        try:
            conn, _ = listener.accept()
            conn.setblocking(False)
            conns.append(conn)
        except BlockingIOError:
            pass
        for conn in list(conns):
            try:
                data = conn.recv(4096)
                if data:
                    conn.sendall(data)
                else:
                    conns.remove(conn)
                    conn.close()
            except BlockingIOError:
                pass
            except OSError:
                conns.remove(conn)
                conn.close()
