def udp_echo(sock):
    data, client_address = sock.recvfrom(65535)
    sock.connect(client_address)
    while True:
        sock.send(data)
        data = sock.recv(65535)
