def send_message(sock, data):
    sock.sendall(f"{len(data):08x}".encode() + data)
