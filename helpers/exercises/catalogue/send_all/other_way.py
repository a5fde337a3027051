import select


def send_all(sock, data):
    """Send all of data with sock.send() alone. Return None.

    sock may be blocking or not. When it has no room, wait for room.
    """
    view = memoryview(data).cast("B")
    sent = 0
    while sent < len(view):
        select.select([], [sock], [])
        sent += sock.send(view[sent:])
