import asyncio
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
