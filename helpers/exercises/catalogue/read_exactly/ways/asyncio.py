import asyncio


def read_exactly(sock, n):
    async def read():
        loop = asyncio.get_running_loop()
        data = b""
        while len(data) < n:
            piece = await loop.sock_recv(sock, n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    sock.setblocking(False)
    try:
        return asyncio.run(read())
    finally:
        sock.setblocking(True)
