def read_text(sock):
    sock.settimeout(0.5)
    data = b""
    try:
        while piece := sock.recv(4096):
            data += piece
    except TimeoutError:
        pass
    finally:
        sock.settimeout(None)
    return data.decode()
