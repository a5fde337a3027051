import asyncio
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        async with asyncio.timeout(10):
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
