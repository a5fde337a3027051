import struct


def read_messages(sock, limit):
    """Yield each message of the peer, as bytes, until the end. None has more than limit bytes."""
    while header := read_up_to(sock, 4):
        if len(header) < 4:
            raise EOFError("the peer ended inside a header")
        [length] = struct.unpack("!I", header)
        if length > limit:
            raise ValueError(f"a message of {length} bytes, and the limit is {limit}")
        message = read_up_to(sock, length)
        if len(message) < length:
            raise EOFError("the peer ended inside a message")
        yield message


def read_up_to(sock, n):
    """Return n bytes, or fewer if the peer ends before."""
    data = bytearray()
    while len(data) < n and (piece := sock.recv(n - len(data))):
        data += piece
    return bytes(data)
