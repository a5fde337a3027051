"""A first echo server, with its mistakes: docs/the-example.md names them. Do not copy it."""

import argparse
import socket

parser = argparse.ArgumentParser(description="send back what a client sends")
parser.add_argument("port")
arguments = parser.parse_args()

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
    server.bind(("", int(arguments.port)))  # this computer
    server.listen(1)  # wait for one client
    print("waiting at port", server.getsockname()[1])
    conn, address = server.accept()
    message = conn.recv(1024).decode()  # the message
    print(address[0], "says:", message)
    conn.sendall(message.encode())
    conn.close()
