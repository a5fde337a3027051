def send_file(sock, path):
    return sock.sendfile(open(path, "rb"))
