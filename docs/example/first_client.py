"""A first echo client, with its mistakes: docs/the-example.md names them. Do not copy it."""

import argparse
import socket

parser = argparse.ArgumentParser(description="send words to an echo server")
parser.add_argument("host")
parser.add_argument("port")
parser.add_argument("words", nargs="+")
arguments = parser.parse_args()

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
    client.connect((arguments.host, int(arguments.port)))
    print("connected to", arguments.host)
    client.sendall(" ".join(arguments.words).encode())
    print("sent:", " ".join(arguments.words))
