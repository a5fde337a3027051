import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    attempt = 1
    while True:
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            attempt += 1
            if attempt >= attempts:
                raise
        pause()
