import select


def echo_selectors(listener):
    socks = [listener]
    try:
        while True:
            for sock in select.select(socks, [], [])[0]:
                if sock is listener:
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    socks.append(conn)
                elif not echoed(sock):
                    socks.remove(sock)
                    sock.close()
    finally:
        for sock in socks[1:]:
            sock.close()


def echoed(conn):
    """Echo what has come; False if nothing will come any more."""
    try:
        data = rest = conn.recv(4096)
        while rest:
            select.select([], [conn], [])
            rest = rest[conn.send(rest) :]
    except OSError:
        return False
    return bool(data)
