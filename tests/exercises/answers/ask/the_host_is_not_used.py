import socket


def ask(address, question):
    with socket.create_connection(("127.0.0.1", address[1])) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(1024), b""))
