import socket


def ask(address, question):
    if len(question) == 0:
        raise ValueError("there is no question")
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(1024), b""))
