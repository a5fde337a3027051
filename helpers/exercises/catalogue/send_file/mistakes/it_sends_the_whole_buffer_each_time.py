def send_file(sock, path):
    buffer = bytearray(65536)
    total = 0
    with open(path, "rb") as file:
        while count := file.readinto(buffer):
            sock.sendall(buffer)
            total += count
    return total
