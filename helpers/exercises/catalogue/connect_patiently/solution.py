import socket


def connect_patiently(address, attempts, pause):
    """Return a socket that is connected to `address`, after at most so many attempts."""
    if attempts < 1:
        raise ValueError(f"attempts must be at least 1, and is {attempts}")
    for attempt in range(1, attempts + 1):
        try:
            sock = socket.create_connection(address, timeout=1)
        except (ConnectionRefusedError, TimeoutError):
            if attempt == attempts:
                raise
        else:
            sock.settimeout(None)
            return sock
        pause()
