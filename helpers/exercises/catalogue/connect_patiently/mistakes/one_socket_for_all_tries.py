import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    sock = socket.socket()
    sock.settimeout(1)
    for attempt in range(1, attempts + 1):
        try:
            sock.connect(address)
        except (ConnectionRefusedError, TimeoutError):
            if attempt == attempts:
                sock.close()
                raise
        except OSError:
            sock.close()
            raise
        else:
            sock.settimeout(None)
            return sock
        pause()
