def read_text(sock):
    data = b""
    while True:
        try:
            piece = sock.recv(4096)
        except ConnectionError:
            return ""
        if not piece:
            return data.decode()
        data += piece
