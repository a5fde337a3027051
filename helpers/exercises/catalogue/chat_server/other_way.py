import selectors


def chat_server(listener):
    """Send each line of a client to all the others, until stopped."""
    selector = selectors.DefaultSelector()
    clients = {}
    selector.register(listener, selectors.EVENT_READ)
    try:
        while True:
            for key, events in selector.select():
                if key.fileobj is listener:
                    welcome(listener, selector, clients)
                elif key.fileobj in clients:  # it may have left in this round
                    serve(key.fileobj, events, selector, clients)
    finally:
        selector.close()
        for conn in clients:
            conn.close()


def welcome(listener, selector, clients):
    conn, address = listener.accept()
    conn.setblocking(False)
    clients[conn] = (bytearray(), bytearray())  # what came of a line, and what waits to be sent
    selector.register(conn, selectors.EVENT_READ)


def serve(conn, events, selector, clients):
    came, waiting = clients[conn]
    try:
        if events & selectors.EVENT_WRITE:
            del waiting[: conn.send(waiting)]
            if not waiting:
                selector.modify(conn, selectors.EVENT_READ)
        if events & selectors.EVENT_READ:
            data = conn.recv(4096)
            if not data:
                raise EOFError
            came += data
            pass_on(conn, came, selector, clients)
    except BlockingIOError:
        pass  # the system was wrong: nothing to read, or no room
    except (OSError, EOFError):
        leave(conn, selector, clients)


def pass_on(conn, came, selector, clients):
    *lines, rest = came.split(b"\n")
    for line in lines:
        if len(line) >= 1000:
            raise EOFError
        for other in [each for each in clients if each is not conn]:
            waiting = clients[other][1]
            waiting += line + b"\n"
            if len(waiting) > 65536:
                leave(other, selector, clients)
            else:
                selector.modify(other, selectors.EVENT_READ | selectors.EVENT_WRITE)
    came[:] = rest
    if len(came) >= 1000:
        raise EOFError


def leave(conn, selector, clients):
    selector.unregister(conn)
    del clients[conn]
    conn.close()
