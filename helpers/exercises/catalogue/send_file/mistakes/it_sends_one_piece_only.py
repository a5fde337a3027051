def send_file(sock, path):
    with open(path, "rb") as file:
        piece = file.read(1024 * 1024)
        sock.sendall(piece)
        return len(piece)
