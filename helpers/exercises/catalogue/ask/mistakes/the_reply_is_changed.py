import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = ""
        while piece := sock.recv(4096):
            reply += piece.decode(errors="replace")
        return reply.encode()
