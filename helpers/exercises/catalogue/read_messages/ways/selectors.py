import selectors
import struct


def read_messages(sock, limit):
    buffer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while True:
            while len(buffer) >= 4:
                length = struct.unpack_from("!I", buffer)[0]
                if length > limit:
                    raise ValueError("more than the limit")
                if len(buffer) < 4 + length:
                    break
                yield bytes(buffer[4 : 4 + length])
                del buffer[: 4 + length]
            selector.select()
            data = sock.recv(2000)
            if not data:
                break
            buffer += data
    if buffer:
        raise EOFError
