import os


def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        while count := os.sendfile(sock.fileno(), file.fileno(), total, 65536):
            total += count
    return total
