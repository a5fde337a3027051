def send_file(sock, path):
    total = 0
    with open(path, "rb") as file:
        for line in file:
            sock.sendall(line)
            total += len(line)
    return total
