def send_file(sock, path):
    pieces = 0
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
            pieces += 1
    return pieces
