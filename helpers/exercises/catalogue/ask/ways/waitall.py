import socket


def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = bytearray()
        while piece := sock.recv(65536, socket.MSG_WAITALL):
            reply += piece
        return bytes(reply)
