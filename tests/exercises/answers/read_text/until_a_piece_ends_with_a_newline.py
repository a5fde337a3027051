def read_text(sock):
    data = b""
    while not data.endswith(b"\n"):
        if not (piece := sock.recv(4096)):
            break
        data += piece
    return data.decode("utf-8")
