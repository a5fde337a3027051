def read_text(sock):
    text = ""
    while piece := sock.recv(1024):
        text += piece.decode(errors="ignore")
    return text
