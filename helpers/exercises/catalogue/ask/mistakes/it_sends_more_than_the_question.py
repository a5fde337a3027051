import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question + b"\n")
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(1024), b""))
