from contextlib import suppress


def udp_echo(sock):
    buffer = bytearray(65535)
    view = memoryview(buffer)
    while True:
        size, client_address = sock.recvfrom_into(buffer)
        with suppress(OSError):
            sock.sendto(view[:size], client_address)
