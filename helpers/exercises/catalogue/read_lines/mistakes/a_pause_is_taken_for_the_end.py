def read_lines(sock):
    sock.settimeout(0.5)
    buffer = b""
    try:
        while data := sock.recv(4096):
            buffer += data
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                yield line
    except TimeoutError:
        pass
    finally:
        sock.settimeout(None)
    if buffer:
        yield buffer
