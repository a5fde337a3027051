def send_message(sock, data):
    sock.sendall(b"%d\n" % len(data) + data)
