import socket


def ask(address, question):
    """Send all of question, half-close, and return the whole reply as bytes."""
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := sock.recv(65536):
            reply += piece
        return reply
