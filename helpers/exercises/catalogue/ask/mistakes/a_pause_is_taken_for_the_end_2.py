import select
import socket


def ask(address, question):
    reply = b""
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        while select.select([sock], [], [], 1)[0]:
            piece = sock.recv(1024)
            if not piece:
                break
            reply += piece
    return reply
