import socket


def ask(address, question):
    reply = b""
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(2)
        try:
            while piece := sock.recv(1024):
                reply += piece
        except TimeoutError:
            pass
    return reply
