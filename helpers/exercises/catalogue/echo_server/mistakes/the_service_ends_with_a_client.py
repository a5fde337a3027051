import select


def echo_server(listener):
    conns = []
    while True:
        readable, _, _ = select.select([listener, *conns], [], [])
        for sock in readable:
            if sock is listener:
                conns.append(listener.accept()[0])
                continue
            data = sock.recv(1024)
            if not data:
                for conn in conns:
                    conn.close()
                return
            sock.sendall(data)
