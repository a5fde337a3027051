def udp_echo(sock):
    sock.settimeout(5)
    while True:
        try:
            message, sender = sock.recvfrom(1 << 16)
        except TimeoutError:
            continue
        try:
            sock.sendto(message, sender)
        except OSError as error:
            print("lost an answer:", error)
