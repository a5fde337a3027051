def read_text(sock):
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return data.decode("utf-8").rstrip("\0")
