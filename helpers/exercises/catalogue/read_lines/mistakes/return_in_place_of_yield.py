def read_lines(sock):
    with sock.makefile("rb") as file:
        for line in file:
            return line.rstrip(b"\n")
