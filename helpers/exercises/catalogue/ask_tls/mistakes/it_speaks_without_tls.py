import socket


def ask_tls(address, name, authority, question):
    with socket.create_connection(address) as client:
        client.sendall(question)
        reply = b""
        while piece := client.recv(65536):
            reply += piece
        return reply
