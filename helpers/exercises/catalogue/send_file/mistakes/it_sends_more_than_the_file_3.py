def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(4096):
            sock.sendall(piece)
            total += len(piece)
    sock.sendall(b"\nEND")
    return total
