import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for attempt in range(1, attempts + 1):
        try:
            sock = socket.create_connection(address, timeout=1)
        except (ConnectionRefusedError, TimeoutError):
            if attempt == attempts:
                raise
        else:
            sock.settimeout(None)
            return sock
        pause(attempt)
