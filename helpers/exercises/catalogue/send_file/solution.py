def send_file(sock, path):
    """Send the file at path. Return how many bytes were sent.

    Hold at most 1 MiB of the file in memory.
    """
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(65536):
            sock.sendall(piece)
            total += len(piece)
    return total
