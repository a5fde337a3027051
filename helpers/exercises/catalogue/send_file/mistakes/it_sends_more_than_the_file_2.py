def send_file(sock, path):
    total = 0
    sock.sendall(path.name.encode())
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
            total += len(piece)
    return total
