import asyncio
import socket


def listen_on_both(port):
    async def serve():
        sock = socket.socket(socket.AF_INET6)
        try:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            sock.bind(("::", port))
        except OSError:
            sock.close()
            raise
        loop = asyncio.get_running_loop()
        async with await loop.create_server(asyncio.Protocol, sock=sock) as server:
            return server.sockets[0].dup()

    return asyncio.run(serve())
