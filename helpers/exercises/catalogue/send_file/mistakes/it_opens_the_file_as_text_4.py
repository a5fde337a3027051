def send_file(sock, path):
    total = 0
    with open(path, encoding="utf-8", errors="ignore") as file:
        while piece := file.read(65536):
            data = piece.encode()
            sock.sendall(data)
            total += len(data)
    return total
