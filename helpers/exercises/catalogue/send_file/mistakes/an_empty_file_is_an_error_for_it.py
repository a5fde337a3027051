import mmap


def send_file(sock, path):
    with open(path, "rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            for start in range(0, len(view), 65536):
                sock.sendall(view[start : start + 65536])
            return len(view)
