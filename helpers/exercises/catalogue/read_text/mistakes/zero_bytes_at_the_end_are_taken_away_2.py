def read_text(sock):
    pieces = []
    while True:
        piece = sock.recv(1024)
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).strip(b"\x00").decode()
