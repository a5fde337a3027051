def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        if file.read(4096):
            while piece := file.read(4096):
                sock.sendall(piece)
                total += len(piece)
    return total
