import select

def read_lines(sock):
    sock.setblocking(False)
    buffer = b""
    while True:
        select.select([sock], [], [])
        if not (piece := sock.recv(4096)):
            break
        *lines, buffer = (buffer + piece).split(b"\n")
        yield from lines
    if buffer:
        yield buffer
