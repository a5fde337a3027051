def send_message(sock, data):
    sock.sendall(str(len(data)).encode() + data)
