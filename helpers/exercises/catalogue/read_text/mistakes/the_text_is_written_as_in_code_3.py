def read_text(sock):
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return f"{data.decode()!r}"[1:-1]
