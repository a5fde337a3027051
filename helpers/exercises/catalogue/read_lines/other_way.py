def read_lines(sock):
    """Yield each line that the peer sends, as bytes without the newline, until the end."""
    with sock.makefile("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")
