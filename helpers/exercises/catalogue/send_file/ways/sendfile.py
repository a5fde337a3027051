def send_file(sock, path):
    with open(path, "rb") as file:
        return sock.sendfile(file)
