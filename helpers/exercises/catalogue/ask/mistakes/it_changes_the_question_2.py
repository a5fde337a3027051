import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question.lstrip())
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as file:
            return file.read()
