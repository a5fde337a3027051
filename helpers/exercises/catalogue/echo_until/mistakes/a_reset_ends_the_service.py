import select


def echo_until(listener, stop):
    conns = []
    while True:
        ready, _, _ = select.select([listener, stop, *conns], [], [])
        if stop in ready:
            break
        for sock in ready:
            if sock is listener:
                conns.append(listener.accept()[0])
            elif data := sock.recv(4096):
                sock.sendall(data)
            else:
                conns.remove(sock)
                sock.close()
    for conn in conns:
        conn.close()
