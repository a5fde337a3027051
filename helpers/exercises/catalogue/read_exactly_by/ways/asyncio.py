import asyncio
import time


async def read(sock, n, left):
    loop = asyncio.get_running_loop()
    data = b""
    async with asyncio.timeout(left):
        while len(data) < n:
            piece = await loop.sock_recv(sock, n - len(data))
            if not piece:
                raise EOFError
            data += piece
    return data


def read_exactly_by(sock, n, deadline):
    left = deadline - time.monotonic()
    if n and left <= 0:
        raise TimeoutError
    before = sock.gettimeout()
    sock.setblocking(False)
    try:
        return asyncio.run(read(sock, n, left))
    finally:
        sock.settimeout(before)
