import socket


def ask(address, question):
    sock = socket.socket()
    sock.connect(address)
    with sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := sock.recv(65536):
            reply += piece
    return reply
