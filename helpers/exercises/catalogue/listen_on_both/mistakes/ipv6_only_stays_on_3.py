import asyncio


def listen_on_both(port):
    async def serve():
        loop = asyncio.get_running_loop()
        async with await loop.create_server(asyncio.Protocol, "::", port) as server:
            return server.sockets[0].dup()

    return asyncio.run(serve())
