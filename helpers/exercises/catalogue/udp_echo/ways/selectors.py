import selectors


def udp_echo(sock):
    sock.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while True:
            selector.select()
            try:
                data, client_address = sock.recvfrom(65535)
                sock.sendto(data, client_address)
            except OSError:
                continue
