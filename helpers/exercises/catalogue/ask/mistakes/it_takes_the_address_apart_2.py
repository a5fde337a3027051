import socket


def ask(address, question):
    host, port = address
    with socket.create_connection(host, port) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := sock.recv(65536):
            reply += piece
        return reply
