def read_text(sock):
    data = sock.recv(1024)
    if not data:
        return None
    while piece := sock.recv(1024):
        data += piece
    return data.decode()
