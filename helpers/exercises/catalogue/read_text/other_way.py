import codecs


def read_text(sock):
    """Return all that the peer sends until it ends its side, decoded as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    while piece := sock.recv(4096):
        text += decoder.decode(piece)
    return text + decoder.decode(b"", final=True)
