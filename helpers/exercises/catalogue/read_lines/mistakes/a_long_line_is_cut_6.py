def read_lines(sock):
    with sock.makefile("rb") as file:
        while line := file.readline(65536):
            yield line.removesuffix(b"\n")
