def read_lines(sock):
    with sock.makefile("r", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.removesuffix("\n")
