kept = bytearray()


def read_lines(sock):
    try:
        while data := sock.recv(4096):
            kept.extend(data)
            while b"\n" in kept:
                line, _, rest = kept.partition(b"\n")
                kept[:] = rest
                yield bytes(line)
        if kept:
            yield bytes(kept)
        kept.clear()
    except OSError:
        kept.clear()
        raise
