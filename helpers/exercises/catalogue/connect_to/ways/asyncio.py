import asyncio
import socket


async def first_of(host, port):
    loop = asyncio.get_running_loop()
    last = OSError("no address")
    for family, kind, proto, _, address in await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = None
        try:
            sock = socket.socket(family, kind, proto)
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
        except OSError as error:
            last = error
            if sock is not None:
                sock.close()
        else:
            sock.setblocking(True)
            return sock
    raise last


def connect_to(host, port):
    return asyncio.run(first_of(host, port))
