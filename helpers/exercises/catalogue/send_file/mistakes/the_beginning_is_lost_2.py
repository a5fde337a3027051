def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while file.read(1):
            piece = file.read(65536)
            sock.sendall(piece)
            total += len(piece)
    return total
