import asyncio
import socket


async def first_of(host, port):
    loop = asyncio.get_running_loop()
    last = OSError("no address")
    for family, kind, proto, _, address in await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, proto)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last


def connect_to(host, port):
    return asyncio.run(first_of(host, port))
