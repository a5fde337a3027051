import codecs


def read_text(sock):
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    while piece := sock.recv(1024):
        text += decoder.decode(piece)
    return text
