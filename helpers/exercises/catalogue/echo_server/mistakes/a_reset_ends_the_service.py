import select


def echo_server(listener):
    conns = []
    try:
        while True:
            readable, _, _ = select.select([listener, *conns], [], [])
            for sock in readable:
                if sock is listener:
                    conns.append(listener.accept()[0])
                elif data := sock.recv(1024):
                    sock.sendall(data)
                else:
                    conns.remove(sock)
                    sock.close()
    finally:
        for conn in conns:
            conn.close()
