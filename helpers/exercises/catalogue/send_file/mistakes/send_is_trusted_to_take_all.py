def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(1024 * 1024):
            sock.send(piece)
            total += len(piece)
    return total
