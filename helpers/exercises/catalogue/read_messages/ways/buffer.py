import struct


def read_messages(sock, limit):
    buffer = b""
    while data := sock.recv(65536):
        buffer += data
        while len(buffer) >= 4:
            [length] = struct.unpack("!I", buffer[:4])
            if length > limit:
                raise ValueError(f"the peer wants to send {length} bytes, and {limit} are allowed")
            if len(buffer) < 4 + length:
                break
            yield buffer[4 : 4 + length]
            buffer = buffer[4 + length :]
    if buffer:
        raise EOFError("the stream ended inside a message")
