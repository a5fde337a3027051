import socket


def connect_patiently(address, attempts, pause):
    """Return a socket that is connected to `address`, after at most so many attempts."""
    if attempts < 1:
        raise ValueError("at least one attempt is needed")
    for _ in range(attempts - 1):
        try:
            return connect_once(address)
        except (ConnectionRefusedError, TimeoutError):
            pass
        pause()
    return connect_once(address)


def connect_once(address):
    """Return a connected socket. If that fails, the socket is closed."""
    sock = socket.socket()
    try:
        sock.settimeout(1)
        sock.connect(address)
        sock.settimeout(None)
    except BaseException:
        sock.close()
        raise
    return sock
