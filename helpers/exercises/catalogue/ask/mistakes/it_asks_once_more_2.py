import socket


def ask(address, question):
    while True:
        try:
            with socket.create_connection(address) as sock:
                sock.sendall(question)
                sock.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: sock.recv(1024), b""))
        except ConnectionError:
            pass
