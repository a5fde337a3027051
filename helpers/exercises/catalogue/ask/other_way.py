import socket


def ask(address, question):
    """Send all of question, half-close, and return the whole reply as bytes."""
    with socket.create_connection(address) as sock, sock.makefile("rb") as file:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return file.read()
