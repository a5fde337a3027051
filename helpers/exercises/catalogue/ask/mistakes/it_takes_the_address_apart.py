import socket


def ask(address, question):
    host, port = address
    with socket.socket() as sock:
        sock.connect(host, port)
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := sock.recv(65536):
            reply += piece
        return reply
