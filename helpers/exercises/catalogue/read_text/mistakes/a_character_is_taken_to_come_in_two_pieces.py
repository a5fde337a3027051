def read_text(sock):
    text = ""
    while piece := sock.recv(1024):
        try:
            text += piece.decode()
        except UnicodeDecodeError:
            piece += sock.recv(1024)
            text += piece.decode()
    return text
