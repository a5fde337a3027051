import socket

def read_text(sock):
    sock.shutdown(socket.SHUT_WR)
    data = b""
    while piece := sock.recv(4096):
        data += piece
    return data.decode("utf-8")
