import selectors


def read_exactly(sock, n):
    data = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while len(data) < n:
            selector.select()
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data.extend(piece)
    return bytes(data)
