from contextlib import asynccontextmanager, suppress


async def echo_async(reader, writer):
    """Echo to one client until its end. asyncio.start_server() calls it for each client."""
    async with closed_at_the_end(writer):
        while not reader.at_eof():
            writer.write(await reader.read(65536))
            await writer.drain()


@asynccontextmanager
async def closed_at_the_end(writer):
    """Close the stream when the block is left. Whoever has broken off is no error."""
    with suppress(ConnectionError):
        try:
            yield
        finally:
            writer.close()
            await writer.wait_closed()
