def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(65535)
        sock.sendall(data)
