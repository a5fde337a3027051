def read_text(sock):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    if not data:
        raise EOFError("the peer sent nothing")
    return data.decode()
