def send_all(sock, data):
    sock.setblocking(True)
    sock.sendall(data)
