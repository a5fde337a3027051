def udp_echo(sock):
    data, client_address = sock.recvfrom(65535)
    sock.sendto(data, client_address)
