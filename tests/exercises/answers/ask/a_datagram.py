import socket


def ask(address, question):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.sendto(question, address)
        return sock.recv(65536)
