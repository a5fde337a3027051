import socket
import threading


def ask(address, question):
    with socket.create_connection(address) as sock:

        def send():
            sock.sendall(question)
            sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        reply = bytearray()
        while piece := sock.recv(65536):
            reply += piece
        sender.join()
        return bytes(reply)
