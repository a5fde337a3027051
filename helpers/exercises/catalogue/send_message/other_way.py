def send_message(sock, data):
    """Send the length of data, as four bytes in network byte order, and then data."""
    message = bytes(memoryview(data))
    sock.sendall(len(message).to_bytes(4, "big"))
    sock.sendall(message)
