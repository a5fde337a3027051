import socket
from contextlib import closing


def probe(addresses, limit):
    def word(address):
        with closing(socket.socket()) as sock:
            sock.settimeout(limit)
            try:
                sock.connect(address)
            except OSError as error:
                match error:
                    case ConnectionRefusedError():
                        return "refused"
                    case socket.timeout():
                        return "silent"
                raise
            sock.shutdown(socket.SHUT_RDWR)
            return "open"

    return tuple(word(address) for address in addresses)
