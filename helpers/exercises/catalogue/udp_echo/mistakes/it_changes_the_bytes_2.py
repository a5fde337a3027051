def udp_echo(sock):
    while True:
        data, client_address = sock.recvfrom(65535)
        try:
            sock.sendto(data.decode(errors="ignore").encode(), client_address)
        except OSError:
            pass  # this answer is lost, and the next client waits
