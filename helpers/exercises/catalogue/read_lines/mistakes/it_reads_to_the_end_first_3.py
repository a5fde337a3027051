def read_lines(sock):
    with sock.makefile("rb") as file:
        return [line.removesuffix(b"\n") for line in file.readlines()]
