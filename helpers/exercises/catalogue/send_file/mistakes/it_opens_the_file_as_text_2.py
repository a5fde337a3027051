def send_file(sock, path):
    data = path.read_text(encoding="utf-8").encode()
    sock.sendall(data)
    return len(data)
