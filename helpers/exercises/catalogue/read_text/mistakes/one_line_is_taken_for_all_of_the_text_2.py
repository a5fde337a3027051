def read_text(sock):
    data = b""
    while b"\n" not in data:
        piece = sock.recv(1)
        if not piece:
            break
        data += piece
    return data.decode()
