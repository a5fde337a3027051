def read_exactly(sock, n):
    sock.settimeout(2)
    data = b""
    try:
        while len(data) < n:
            piece = sock.recv(n - len(data))
            if not piece:
                break
            data += piece
    except TimeoutError:
        pass
    sock.settimeout(None)
    if len(data) < n:
        raise EOFError("the peer has ended")
    return data
