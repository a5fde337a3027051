import socket


def ask(address, question):
    sock = socket.create_connection(address)
    sock.sendall(question)
    sock.close()
    reply = b""
    while piece := sock.recv(65536):
        reply += piece
    return reply
