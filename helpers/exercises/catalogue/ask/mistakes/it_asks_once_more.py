import socket


def ask(address, question):
    for _ in range(3):
        try:
            with socket.create_connection(address) as sock:
                sock.sendall(question)
                sock.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: sock.recv(1024), b""))
        except OSError:
            continue
