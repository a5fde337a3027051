import socket
import time


def read_exactly_by(sock, n, deadline):
    """The deadline in the units of another clock."""
    end = time.time() + (deadline - time.monotonic())
    before = sock.gettimeout()
    result = bytearray()
    while (missing := n - len(result)) > 0:
        if (left := end - time.time()) <= 0:
            raise TimeoutError
        sock.settimeout(left)
        try:
            there = len(sock.recv(missing, socket.MSG_PEEK))
            if not there:
                raise EOFError
            result += sock.recv(there)
        finally:
            sock.settimeout(before)
    return bytes(result)
