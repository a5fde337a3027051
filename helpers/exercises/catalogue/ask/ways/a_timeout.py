import socket


def ask(address, question):
    with socket.create_connection(address, timeout=30) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))
