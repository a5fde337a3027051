def read_exactly(sock, n):
    data = bytearray(n)
    view = memoryview(data)
    while view:
        count = sock.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return bytes(data).rstrip(b"\0")
