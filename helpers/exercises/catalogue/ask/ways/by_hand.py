import socket


def ask(address, question):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        rest = memoryview(question)
        while rest:
            rest = rest[sock.send(rest) :]
        sock.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := sock.recv(1024 * 1024):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        sock.close()
