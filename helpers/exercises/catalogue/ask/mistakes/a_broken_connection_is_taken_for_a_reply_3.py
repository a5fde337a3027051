import socket


def ask(address, question):
    reply = b""
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        try:
            while piece := sock.recv(1024):
                reply += piece
        except ConnectionResetError:
            if not reply:
                raise
    return reply
