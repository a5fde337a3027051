import select
import socket


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock:
            sock.setblocking(False)
            sock.connect_ex(address)
            poll = select.poll()
            poll.register(sock, select.POLLOUT)
            poll.poll()
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            found.append("refused" if error else "open")
    return found
