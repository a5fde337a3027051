import os


def send_file(sock, path):
    count = 0
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
            count += len(piece)
    os.remove(path)
    return count
