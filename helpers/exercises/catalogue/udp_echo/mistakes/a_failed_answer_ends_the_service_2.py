def udp_echo(sock):
    try:
        while True:
            data, client_address = sock.recvfrom(65535)
            sock.sendto(data, client_address)
    except OSError:
        pass
