def read_text(sock):
    data = b""
    for _ in range(100):
        piece = sock.recv(4096)
        if not piece:
            break
        data += piece
    return data.decode()
