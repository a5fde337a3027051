import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    first = None
    for attempt in range(1, attempts + 1):
        try:
            sock = socket.create_connection(address, timeout=1)
            sock.settimeout(None)
            return sock
        except (ConnectionRefusedError, TimeoutError) as error:
            first = first or error
        if attempt < attempts:
            pause()
    raise first
