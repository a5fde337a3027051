import socket


def connect_patiently(address, attempts, pause):
    assert attempts > 0
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
