def send_all(sock, data):
    sock.send(str(data))
