def send_all(sock, data):
    sock.sendall(data)
