def read_text(sock):
    data = b""
    try:
        while piece := sock.recv(4096):
            data += piece
    except OSError:
        pass
    return data.decode()
