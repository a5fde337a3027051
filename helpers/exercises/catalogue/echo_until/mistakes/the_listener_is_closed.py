import selectors
import socket
import threading
import time


def echo_until(listener, stop):
    clients = []
    with listener, selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(stop, selectors.EVENT_READ)
        while stop not in [key.fileobj for key, _ in selector.select()]:
            conn, _ = listener.accept()
            thread = threading.Thread(target=serve_client, args=(conn,))
            clients.append((thread, conn))
            thread.start()
    end_all(clients)


def serve_client(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass


def end_all(clients):
    deadline = time.monotonic() + 0.5
    for _, conn in clients:
        shut(conn, socket.SHUT_RD)
    for thread, conn in clients:
        thread.join(max(0, deadline - time.monotonic()))
        if thread.is_alive():
            shut(conn, socket.SHUT_RDWR)
            thread.join()


def shut(conn, how):
    try:
        conn.shutdown(how)
    except OSError:
        pass
