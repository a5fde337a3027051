from concurrent.futures import ThreadPoolExecutor


def send_file(sock, path):
    total = 0
    with open(path, "rb") as file, ThreadPoolExecutor(1) as pool:
        piece = file.read(65536)
        while piece:
            following = pool.submit(file.read, 65536)
            sock.sendall(piece)
            total += len(piece)
            piece = following.result()
    return total
