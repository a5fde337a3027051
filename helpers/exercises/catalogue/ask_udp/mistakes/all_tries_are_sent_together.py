import socket
import struct


def ask_udp(address, question, attempts, wait):
    number = struct.pack("!H", 7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(wait)
        for _ in range(attempts):
            sock.sendto(number + question, address)
        while True:
            data, source = sock.recvfrom(65535)
            if source == address and data[:2] == number:
                return data[2:]
