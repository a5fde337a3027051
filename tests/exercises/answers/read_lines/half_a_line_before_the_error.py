def read_lines(sock):
    rest = b""
    try:
        while piece := sock.recv(1024):
            rest += piece
            while b"\n" in rest:
                line, rest = rest.split(b"\n", 1)
                yield line
    finally:
        if rest:
            yield rest
