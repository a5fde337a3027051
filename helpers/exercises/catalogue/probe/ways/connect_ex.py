import errno
import os
import socket


def probe(addresses, limit):
    words = {0: "open", errno.ECONNREFUSED: "refused"}
    words |= dict.fromkeys((errno.EAGAIN, errno.EWOULDBLOCK, errno.ETIMEDOUT), "silent")
    found = []
    for address in addresses:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(limit)
            code = sock.connect_ex(address)
        if code not in words:
            raise OSError(code, os.strerror(code))
        found.append(words[code])
    return found
