import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return sock.recv(1 << 20, socket.MSG_WAITALL)
