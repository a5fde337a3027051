import select


def send_all(sock, data):
    """Send all of data with sock.send() alone. Return None.

    sock may be blocking or not. When it has no room, wait for room.
    """
    rest = memoryview(data).cast("B")
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            select.select([], [sock], [])
        else:
            rest = rest[sent:]
