def read_exactly_by(sock, n, deadline):
    before = sock.gettimeout()
    sock.settimeout(deadline)
    data = b""
    try:
        while len(data) < n:
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
    finally:
        sock.settimeout(before)
    return data
