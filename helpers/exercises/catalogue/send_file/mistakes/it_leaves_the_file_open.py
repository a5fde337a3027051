def send_file(sock, path):
    total = 0
    file = open(path, "rb")
    while piece := file.read(65536):
        sock.sendall(piece)
        total += len(piece)
    return total
