import socket


def read_text(sock):
    return sock.recv(1 << 20, socket.MSG_WAITALL).decode()
