import errno
import os
import socket


def probe(addresses, limit):
    words = {0: "open", errno.ECONNREFUSED: "refused", errno.ETIMEDOUT: "silent"}
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            code = sock.connect_ex(address)
        if code not in words:
            raise OSError(code, os.strerror(code))
        found.append(words[code])
    return found
