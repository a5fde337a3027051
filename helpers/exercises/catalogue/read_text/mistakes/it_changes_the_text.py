def read_text(sock):
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return data.rstrip(b"\0 ").decode()
