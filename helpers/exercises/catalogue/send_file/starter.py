def send_file(sock, path):
    """Send the file at path. Return how many bytes were sent.

    Hold at most 1 MiB of the file in memory.
    """
    ...
