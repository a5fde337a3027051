def read_text(sock):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""
