def send_all(sock, data):
    return sock.send(data)
