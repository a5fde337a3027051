def send_message(sock, data):
    sock.sendall(f"{len(data):04}".encode())
    sock.sendall(data)
