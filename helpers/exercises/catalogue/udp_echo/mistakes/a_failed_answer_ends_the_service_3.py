def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(65535)
        try:
            sock.sendto(data, client_address)
        except ConnectionError:
            pass
