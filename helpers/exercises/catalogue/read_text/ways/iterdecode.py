import codecs


def read_text(sock):
    return "".join(codecs.iterdecode(iter(lambda: sock.recv(3), b""), "utf-8"))
