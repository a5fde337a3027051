import asyncio


def connect_to(host, port):
    async def connect():
        _, writer = await asyncio.open_connection(host, port)
        return writer.get_extra_info("socket").dup()

    return asyncio.run(connect())
