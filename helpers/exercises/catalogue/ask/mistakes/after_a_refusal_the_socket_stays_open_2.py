import socket


def ask(address, question):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.connect(address)
    try:
        client.sendall(question)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b""))
    finally:
        client.close()
