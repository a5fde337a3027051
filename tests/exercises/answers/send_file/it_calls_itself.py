def send_file(sock, path):
    def send_rest(file):
        piece = file.read(1000)
        if not piece:
            return 0
        sock.sendall(piece)
        return len(piece) + send_rest(file)

    with open(path, "rb") as file:
        return send_rest(file)
