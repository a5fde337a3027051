import asyncio


def free_listener():
    async def bind():
        server = await asyncio.get_running_loop().create_server(
            asyncio.Protocol, "127.0.0.1", 0, start_serving=False
        )
        async with server:
            return server.sockets[0].dup()

    listener = asyncio.run(bind())
    return listener, listener.getsockname()[1]
