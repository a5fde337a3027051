import asyncio
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while data := await asyncio.wait_for(reader.read(4096), 30):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
