import socket
import struct


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", 7)
    with socket.create_connection(address, timeout=wait) as sock:
        sock.sendall(number + question)
        return sock.recv(65535)[2:]
