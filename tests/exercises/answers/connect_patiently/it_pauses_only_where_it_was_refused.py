import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError
    for attempt in range(1, attempts + 1):
        try:
            sock = socket.create_connection(address, timeout=1)
        except TimeoutError:
            if attempt == attempts:
                raise
        except ConnectionRefusedError:
            if attempt == attempts:
                raise
            pause()
        else:
            sock.settimeout(None)
            return sock
