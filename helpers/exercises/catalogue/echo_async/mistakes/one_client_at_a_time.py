import asyncio
from contextlib import suppress

lock = asyncio.Lock()

async def echo_async(reader, writer):
    try:
        async with lock:
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
