import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while True:
            piece = sock.recv(1024)
            reply += piece
            if len(piece) < 1024:
                return reply
