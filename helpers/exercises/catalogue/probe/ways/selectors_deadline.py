import selectors
import socket
import time


def probe(addresses, limit):
    found = []
    for address in addresses:
        with socket.socket() as sock, selectors.DefaultSelector() as selector:
            sock.setblocking(False)
            deadline = time.monotonic() + limit
            try:
                sock.connect(address)
            except BlockingIOError:
                pass
            except ConnectionRefusedError:
                found.append("refused")
                continue
            selector.register(sock, selectors.EVENT_WRITE)
            ready = []
            while not ready and (left := deadline - time.monotonic()) > 0:
                ready = selector.select(left)
            if not ready:
                found.append("silent")
                continue
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            try:
                if error:
                    raise OSError(error, "connect")
                found.append("open")
            except ConnectionRefusedError:
                found.append("refused")
    return found
