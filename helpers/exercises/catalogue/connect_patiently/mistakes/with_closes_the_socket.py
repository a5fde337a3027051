import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for attempt in range(1, attempts + 1):
        with socket.socket() as sock:
            sock.settimeout(1)
            try:
                sock.connect(address)
                sock.settimeout(None)
                return sock
            except (ConnectionRefusedError, TimeoutError):
                if attempt == attempts:
                    raise
        pause()
