import socket

def ask(address, question):
    with socket.create_connection(address) as sock, sock.makefile("rb") as file:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return file.readline()
