import socket


def connect_patiently(address, attempts, pause):
    if attempts < 1:
        raise ValueError(attempts)
    tried = 0
    while True:
        if tried:
            pause()
        tried += 1
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(1.0)
            try:
                sock.connect(address)
            except (ConnectionRefusedError, TimeoutError):
                if tried >= attempts:
                    raise
            else:
                sock.setblocking(True)
                return socket.socket(fileno=sock.detach())
