def read_text(sock):
    """Return all that the peer sends until it ends its side, decoded as UTF-8."""
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return data.decode()
