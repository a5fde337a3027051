import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError
    for attempt in range(1, attempts + 1):
        try:
            socket.create_connection(address, timeout=1).close()
        except (ConnectionRefusedError, TimeoutError):
            if attempt == attempts:
                raise
            pause()
        else:
            return socket.create_connection(address)
