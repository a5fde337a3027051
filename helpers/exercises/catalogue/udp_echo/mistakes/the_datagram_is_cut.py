def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(1024)
        try:
            sock.sendto(data, client_address)
        except OSError:
            pass  # this answer is lost, and the next client waits
