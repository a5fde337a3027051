import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    while True:
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            pause()
