def send_file(sock, path):
    buffer = bytearray(65536)
    total = 0
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            sock.sendall(memoryview(buffer)[:count])
            total += count
    return total
