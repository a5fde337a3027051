import socket
from contextlib import ExitStack


def open_listener(backlog):
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.setblocking(False)
        listener.bind(("localhost", 0))
        listener.listen(backlog)
        stack.pop_all()
        return listener
