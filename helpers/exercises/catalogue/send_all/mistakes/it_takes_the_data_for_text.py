def send_all(sock, data):
    sock.send(data.decode())
