import socket


def listen_on_both(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("::", port))
    listener.listen()
    return listener
