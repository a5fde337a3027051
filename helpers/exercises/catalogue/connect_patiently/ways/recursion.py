import socket


def connect_patiently(address, attempts, pause):
    """It calls itself once for each attempt: the caller has chosen how many there are."""
    if attempts < 1:
        raise ValueError
    try:
        sock = socket.create_connection(address, 1)
        sock.settimeout(None)
        return sock
    except (ConnectionRefusedError, TimeoutError):
        if attempts == 1:
            raise
    pause()
    return connect_patiently(address, attempts - 1, pause)
