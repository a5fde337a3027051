import contextlib
import selectors
import socket
import threading
import time


def echo_until(listener, stop):
    """Echo to every client of listener, until the socket stop is readable."""
    clients = {}
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            while stop not in [key.fileobj for key, _ in selector.select()]:
                conn, address = listener.accept()
                clients = {each: sock for each, sock in clients.items() if each.is_alive()}
                thread = threading.Thread(target=serve_client, args=(conn,))
                clients[thread] = conn
                thread.start()
    finally:
        end_all(clients)


def serve_client(conn):
    with conn, contextlib.suppress(OSError):  # this client broke off; the others go on
        while data := conn.recv(4096):
            conn.sendall(data)


def end_all(clients):
    deadline = time.monotonic() + 0.5
    for conn in clients.values():
        shut(conn, socket.SHUT_RD)  # recv() gives what has come, and then b''
    for thread, conn in clients.items():
        thread.join(max(0, deadline - time.monotonic()))
        if thread.is_alive():  # its client does not read
            shut(conn, socket.SHUT_RDWR)
            thread.join()


def shut(conn, how):
    with contextlib.suppress(OSError):  # the client, or its thread, was faster
        conn.shutdown(how)
