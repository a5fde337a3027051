import errno
import os
import selectors
import socket


def connect_to(host, port):
    last = OSError("no address at all")
    for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(*entry[:3])
        except OSError as error:
            last = error
            continue
        sock.setblocking(False)
        number = sock.connect_ex(entry[4])
        if number in (errno.EINPROGRESS, errno.EWOULDBLOCK):
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_WRITE)
                selector.select()
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number == 0:
            sock.setblocking(True)
            return sock
        sock.close()
        last = OSError(number, os.strerror(number))
    raise last
