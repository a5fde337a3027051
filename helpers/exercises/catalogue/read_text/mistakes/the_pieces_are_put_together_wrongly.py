def read_text(sock):
    pieces = []
    while piece := sock.recv(1024):
        pieces.append(piece)
    return b" ".join(pieces).decode()
