def read_messages(sock, limit):
    while data := sock.recv(4096):
        yield data[4:]
