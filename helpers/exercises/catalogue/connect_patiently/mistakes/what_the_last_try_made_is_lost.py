import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for _ in range(attempts - 1):
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            pass
        pause()
    socket.create_connection(address, timeout=1).close()
