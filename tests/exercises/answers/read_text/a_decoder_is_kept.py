import codecs

decoder = codecs.getincrementaldecoder("utf-8")()


def read_text(sock):
    text = ""
    while piece := sock.recv(4096):
        text += decoder.decode(piece)
    return text + decoder.decode(b"", True)
