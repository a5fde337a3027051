import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        try:
            while piece := sock.recv(65536):
                reply += piece
        except ConnectionError:
            pass
        return reply
