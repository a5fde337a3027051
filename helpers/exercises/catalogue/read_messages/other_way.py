import struct


def read_messages(sock, limit):
    """Yield each message of the peer, as bytes, until the end. None has more than limit bytes."""
    with sock.makefile("rb") as file:
        while header := file.read(4):
            if len(header) < 4:
                raise EOFError("the peer ended inside a header")
            [length] = struct.unpack("!I", header)
            if length > limit:
                raise ValueError(f"a message of {length} bytes, and the limit is {limit}")
            message = file.read(length)
            if len(message) < length:
                raise EOFError("the peer ended inside a message")
            yield message
