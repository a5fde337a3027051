def send_all(sock, data):
    while sock.send(data) < len(data):
        pass
