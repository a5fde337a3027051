import errno
import os
import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("no attempts")
    last = 0
    for number in range(attempts):
        if number:
            pause()
        sock = socket.socket()
        sock.settimeout(1)
        last = sock.connect_ex(address)
        if last == 0:
            sock.settimeout(None)
            return sock
        sock.close()
        if last in (errno.EAGAIN, errno.EWOULDBLOCK):
            last = errno.ETIMEDOUT
        if last not in (errno.ECONNREFUSED, errno.ETIMEDOUT):
            break
    raise OSError(last, os.strerror(last))
