import asyncio
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while True:
            writer.write(await reader.readexactly(4))
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
