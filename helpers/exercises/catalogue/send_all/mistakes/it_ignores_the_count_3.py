def send_all(sock, data):
    sent = sock.send(data)
    if sent < len(data):
        print("only", sent, "bytes were sent")
