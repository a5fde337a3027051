def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(1310720):
            sock.sendall(piece)
            total += len(piece)
    return total
