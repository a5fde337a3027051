import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for _ in range(attempts):
        try:
            sock = socket.create_connection(address, timeout=1)
        except TimeoutError as error:
            last = error
            pause()
        else:
            sock.settimeout(None)
            return sock
    raise last
