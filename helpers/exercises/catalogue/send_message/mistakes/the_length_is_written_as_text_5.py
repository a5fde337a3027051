def send_message(sock, data):
    sock.sendall(b"%4d" % len(data) + data)
