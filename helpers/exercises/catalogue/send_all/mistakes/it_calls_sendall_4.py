import select


def send_all(sock, data):
    view = memoryview(data)
    for start in range(0, len(data), 8192):
        select.select([], [sock], [])
        sock.sendall(view[start : start + 8192])
