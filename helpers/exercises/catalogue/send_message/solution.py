import struct


def send_message(sock, data):
    """Send the length of data, as four bytes in network byte order, and then data."""
    with memoryview(data) as view:
        header = struct.pack("!I", view.nbytes)
        sock.sendall(header + view)
