import asyncio
import contextlib


async def echo_async(reader, writer):
    """One task reads, and one writes. A queue that is full lets the reader wait."""
    queue = asyncio.Queue(maxsize=4)
    with contextlib.suppress(ConnectionError):
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(take(reader, queue))
                group.create_task(give(writer, queue))
        except* ConnectionError:
            pass
        finally:
            writer.close()
            await writer.wait_closed()


async def take(reader, queue):
    while data := await reader.read(4096):
        await queue.put(data)
    await queue.put(None)


async def give(writer, queue):
    while (data := await queue.get()) is not None:
        writer.write(data)
        await writer.drain()
