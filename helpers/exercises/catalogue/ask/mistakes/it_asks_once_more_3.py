import socket


def ask(address, question, tries=3):
    try:
        with socket.create_connection(address) as sock:
            sock.sendall(question)
            sock.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: sock.recv(1024), b""))
    except OSError:
        if tries == 1:
            raise
        return ask(address, question, tries - 1)
