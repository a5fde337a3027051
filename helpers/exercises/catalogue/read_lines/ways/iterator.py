class LineReader:
    """An iterator that is no generator."""

    def __init__(self, sock):
        self._sock = sock
        self._buffer = bytearray()
        self._ended = False

    def __iter__(self):
        return self

    def __next__(self):
        while not self._ended and b"\n" not in self._buffer:
            data = self._sock.recv(100)
            self._ended = not data
            self._buffer += data
        if not self._buffer:
            raise StopIteration
        line, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        return bytes(line)


read_lines = LineReader
