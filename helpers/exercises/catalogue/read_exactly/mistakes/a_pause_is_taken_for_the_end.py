def read_exactly(sock, n):
    sock.settimeout(0.5)
    data = b""
    try:
        while len(data) < n:
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
    except TimeoutError:
        pass
    finally:
        sock.settimeout(None)
    return data
