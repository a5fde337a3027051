import socket


def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(65535)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answer:
            answer.sendto(data, client_address)
