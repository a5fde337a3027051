def send_file(sock, path):
    total = 0
    try:
        with open(path, "rb") as file:
            while piece := file.read(65536):
                sock.sendall(piece)
                total += len(piece)
    except ConnectionError as error:
        print("the peer is gone:", error)
    return total
