import errno
import os
import selectors
import socket


def connect_once(address):
    sock = socket.socket()
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code == errno.EINPROGRESS:
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_WRITE)
                if not selector.select(1):
                    raise TimeoutError("nobody answered")
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        sock.setblocking(True)
        return sock
    except OSError:
        sock.close()
        raise


def connect_patiently(address, attempts, pause):
    if attempts <= 0:
        raise ValueError("attempts")
    while True:
        try:
            return connect_once(address)
        except (ConnectionRefusedError, TimeoutError):
            attempts -= 1
            if not attempts:
                raise
        pause()
