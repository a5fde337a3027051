def read_messages(sock, limit):
    while data := sock.recv(1024):
        yield data
