def send_file(sock, path):
    """Send the file at path. Return how many bytes were sent.

    Hold at most 1 MiB of the file in memory.
    """
    with open(path, "rb") as file:
        return sock.sendfile(file)
