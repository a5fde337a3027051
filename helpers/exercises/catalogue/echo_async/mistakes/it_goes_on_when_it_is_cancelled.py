import asyncio
from contextlib import suppress


async def echo_async(reader, writer):
    while True:
        try:
            data = await reader.read(4096)
            if not data:
                break
            writer.write(data)
            await writer.drain()
        except asyncio.CancelledError:
            continue
        except ConnectionError:
            break
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
