def send_file(sock, path):
    total = 0
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            sock.sendall(piece)
            total += len(piece)
    return total
