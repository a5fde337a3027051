def send_file(sock, path):
    with open(path, "rb") as file:
        data = file.read()
    rest = memoryview(data)
    while rest:
        sent = sock.send(rest[:65536])
        rest = rest[sent:]
    return len(data)
