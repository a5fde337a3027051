import select


def udp_echo(sock):
    while select.select([sock], [], [], 5)[0]:
        data, client_address = sock.recvfrom(65535)
        try:
            sock.sendto(data, client_address)
        except OSError:
            pass
