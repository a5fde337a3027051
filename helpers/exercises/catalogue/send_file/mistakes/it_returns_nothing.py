def send_file(sock, path):
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
