def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(65536):
            try:
                sock.sendall(piece)
            except BrokenPipeError:
                break
            total += len(piece)
    return total
