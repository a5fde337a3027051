import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for attempt in range(4):
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            if attempt == 4:
                raise
        pause()
    sock = socket.create_connection(address, timeout=1)
    sock.settimeout(None)
    return sock
