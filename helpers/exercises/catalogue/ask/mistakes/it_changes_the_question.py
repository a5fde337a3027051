import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question.strip())
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := sock.recv(65536):
            reply += piece
    return reply
