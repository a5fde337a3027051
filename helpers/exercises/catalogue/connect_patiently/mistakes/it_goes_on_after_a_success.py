import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    found = None
    for attempt in range(1, attempts + 1):
        try:
            found = socket.create_connection(address, timeout=1)
            found.settimeout(None)
        except (ConnectionRefusedError, TimeoutError):
            if attempt == attempts:
                raise
        if attempt < attempts:
            pause()
    return found
