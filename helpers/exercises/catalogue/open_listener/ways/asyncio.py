import asyncio


def open_listener(backlog):
    async def serve():
        server = await asyncio.get_running_loop().create_server(
            asyncio.Protocol, "127.0.0.1", 0, backlog=backlog
        )
        async with server:
            return server.sockets[0].dup()

    return asyncio.run(serve())
