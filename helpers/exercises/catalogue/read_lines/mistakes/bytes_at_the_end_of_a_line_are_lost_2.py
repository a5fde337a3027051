def read_lines(sock):
    with sock.makefile("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n").rstrip(b"\t")
