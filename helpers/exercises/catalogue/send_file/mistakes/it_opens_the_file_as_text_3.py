def send_file(sock, path):
    total = 0
    with open(path, encoding="latin-1") as file:
        while piece := file.read(65536):
            data = piece.encode("latin-1")
            sock.sendall(data)
            total += len(data)
    return total
