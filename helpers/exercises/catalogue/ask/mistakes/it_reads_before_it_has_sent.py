import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        reply = sock.recv(65536)
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return reply
