def read_text(sock):
    data = b""
    while True:
        data += sock.recv(1024)
    return data.decode()
