def send_message(sock, data):
    sock.sendall(data + b"\0")
