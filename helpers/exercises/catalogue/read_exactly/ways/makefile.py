def read_exactly(sock, n):
    with sock.makefile("rb", buffering=0) as file:
        data = b""
        while len(data) < n:
            piece = file.read(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
