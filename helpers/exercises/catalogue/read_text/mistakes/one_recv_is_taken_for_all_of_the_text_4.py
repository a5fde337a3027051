def read_text(sock):
    data = b""
    while True:
        piece = sock.recv(1024)
        data += piece
        if len(piece) < 1024:
            break
    return data.decode()
