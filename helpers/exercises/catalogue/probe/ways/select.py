import errno
import os
import select
import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.setblocking(False)
            code = sock.connect_ex(address)
            if code in (errno.EINPROGRESS, errno.EWOULDBLOCK):
                _, writable, _ = select.select([], [sock], [], limit)
                if not writable:
                    found.append("silent")
                    continue
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code and code != errno.ECONNREFUSED:
                raise OSError(code, os.strerror(code))
            found.append("refused" if code else "open")
    return found
