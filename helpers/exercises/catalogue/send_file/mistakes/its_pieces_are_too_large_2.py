def send_file(sock, path):
    total = 0
    piece = bytearray(2_000_000)
    with open(path, "rb") as file:
        while count := file.readinto(piece):
            for start in range(0, count, 65536):
                sock.sendall(memoryview(piece)[start : min(count, start + 65536)])
            total += count
    return total
