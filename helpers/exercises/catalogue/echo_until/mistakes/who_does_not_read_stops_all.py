import select
import socket


def echo_until(listener, stop):
    """One thread. A client that has ended gets all of its echo, if it reads."""
    conns = []
    while stop not in (ready := select.select([listener, stop, *conns], [], [])[0]):
        for sock in ready:
            if sock is listener:
                conns.append(listener.accept()[0])
            elif not echoed(sock):
                conns.remove(sock)
                sock.close()
    for conn in conns:
        conn.shutdown(socket.SHUT_RD)
        while echoed(conn):
            pass
        conn.close()


def echoed(conn):
    try:
        data = conn.recv(4096)
        conn.sendall(data)
        return bool(data)
    except OSError:
        return False
