def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
            total += len(piece)
    sock.recv(1024)
    return total
