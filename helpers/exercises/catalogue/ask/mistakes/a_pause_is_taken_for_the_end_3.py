import socket


def ask(address, question):
    with socket.create_connection(address, timeout=5) as sock:
        try:
            sock.sendall(question)
            sock.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: sock.recv(1024), b""))
        except TimeoutError:
            return None
