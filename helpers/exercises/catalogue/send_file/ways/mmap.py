import mmap


def send_file(sock, path):
    size = path.stat().st_size
    with path.open("rb") as file:
        for start in range(0, size, mmap.ALLOCATIONGRANULARITY):
            length = min(mmap.ALLOCATIONGRANULARITY, size - start)
            with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=start) as view:
                sock.sendall(view[:])
    return size
