import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError("attempts")
    for attempt in range(attempts):
        sock = socket.socket()
        sock.settimeout(1)
        try:
            sock.connect(address)
            return sock
        except (ConnectionRefusedError, TimeoutError):
            sock.close()
            if attempt == attempts - 1:
                raise
        except OSError:
            sock.close()
            raise
        pause()
