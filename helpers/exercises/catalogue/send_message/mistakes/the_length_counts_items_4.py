def send_message(sock, data):
    if isinstance(data, str):
        raise TypeError("bytes, please")
    sock.sendall(len(data).to_bytes(4, "big"))
    sock.sendall(data)
