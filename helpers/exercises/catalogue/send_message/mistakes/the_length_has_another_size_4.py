def send_message(sock, data):
    sock.sendall(bytes([len(data)]) + data)
