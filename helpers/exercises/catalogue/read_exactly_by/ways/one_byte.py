from time import monotonic


def read_exactly_by(sock, n, deadline):
    own = sock.gettimeout()
    data = []
    while len(data) < n:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError("too late")
        sock.settimeout(left)
        try:
            piece = sock.recv(1)
        finally:
            sock.settimeout(own)
        if piece == b"":
            raise EOFError
        data.append(piece)
    return b"".join(data)
