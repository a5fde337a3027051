import errno
import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.settimeout(limit)
            code = sock.connect_ex(address)
            if code == 0:
                found.append("open")
            elif code == errno.ECONNREFUSED:
                found.append("refused")
            else:
                found.append("silent")
    return found
