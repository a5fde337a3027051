import re
import selectors


def read_lines(sock):
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while True:
            selector.select()
            data = sock.recv(2000)
            if not data:
                break
            buffer += data
            found = re.findall(rb"([^\n]*)\n", buffer)
            buffer = buffer[sum(len(line) + 1 for line in found) :]
            yield from found
    if buffer:
        yield buffer
