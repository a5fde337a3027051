def send_file(sock, path):
    data = path.read_bytes()
    sock.sendall(data)
    return len(data)
