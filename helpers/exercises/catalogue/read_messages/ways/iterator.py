class Messages:
    """An iterator that is no generator."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.limit = limit
        self.buffer = bytearray()

    def __iter__(self):
        return self

    def __next__(self):
        if not self.more(4):
            if self.buffer:
                raise EOFError("half a header")
            raise StopIteration
        length = int.from_bytes(self.buffer[:4], "big")
        if length > self.limit:
            raise ValueError(f"{length} bytes are too many")
        if not self.more(4 + length):
            raise EOFError("half a message")
        message = bytes(self.buffer[4 : 4 + length])
        del self.buffer[: 4 + length]
        return message

    def more(self, size):
        while len(self.buffer) < size:
            data = self.sock.recv(4096)
            if not data:
                return False
            self.buffer += data
        return True


read_messages = Messages
