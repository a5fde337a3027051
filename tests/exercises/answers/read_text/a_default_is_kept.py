def read_text(sock, data=bytearray()):
    while piece := sock.recv(4096):
        data += piece
    return data.decode()
