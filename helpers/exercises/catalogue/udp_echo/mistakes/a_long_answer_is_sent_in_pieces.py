def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(65535)
        try:
            for start in range(0, max(1, len(data)), 1024):
                sock.sendto(data[start : start + 1024], client_address)
        except OSError:
            pass
