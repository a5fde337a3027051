import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError
    for attempt in range(4):
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            if attempt == 3:
                raise
        pause()
