import select


def read_text(sock):
    data = b""
    while select.select([sock], [], [], 2)[0]:
        piece = sock.recv(4096)
        if not piece:
            break
        data += piece
    return data.decode()
