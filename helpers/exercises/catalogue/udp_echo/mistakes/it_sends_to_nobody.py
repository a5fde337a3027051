def udp_echo(sock):
    while True:
        data = sock.recv(65535)
        sock.send(data)
