def udp_echo(sock):
    clients = set()
    while True:
        data, client_address = sock.recvfrom(65535)
        clients.add(client_address)
        for each in sorted(clients):
            try:
                sock.sendto(data, each)
            except OSError:
                pass
