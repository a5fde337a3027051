def udp_echo(sock):
    data, client_address = sock.recvfrom(65535)
    while True:
        sock.sendto(data, client_address)
        data = sock.recv(65535)
