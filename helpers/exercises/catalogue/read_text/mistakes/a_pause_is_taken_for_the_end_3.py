def read_text(sock):
    sock.settimeout(1)
    try:
        data = b""
        while piece := sock.recv(4096):
            data += piece
        return data.decode()
    finally:
        sock.settimeout(None)
