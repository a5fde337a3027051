def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        piece = file.read(1024)
        while piece:
            piece = file.read(1024)
            sock.sendall(piece)
            total += len(piece)
    return total
