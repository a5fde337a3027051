def read_text(sock):
    return read(sock).decode()


def read(sock):
    piece = sock.recv(4096)
    return piece + read(sock) if piece else b""
