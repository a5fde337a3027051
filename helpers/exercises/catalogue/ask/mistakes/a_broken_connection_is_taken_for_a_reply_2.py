import socket


def ask(address, question):
    try:
        with socket.create_connection(address) as sock:
            sock.sendall(question)
            sock.shutdown(socket.SHUT_WR)
            reply = b""
            while piece := sock.recv(65536):
                reply += piece
            return reply
    except OSError as error:
        print("no reply:", error)
