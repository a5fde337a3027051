def send_all(sock, data):
    sent = 0
    while sent < len(data):
        sent += sock.send(data)
