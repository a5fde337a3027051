import asyncio
import contextlib


def echo_until(listener, stop):
    """Echo to every client of listener, until the socket stop is readable."""
    try:
        asyncio.run(serve_until(listener, stop))
    finally:
        listener.setblocking(True)  # asyncio made its copy non-blocking, and so this one


async def serve_until(listener, stop):
    tasks = {}

    async def serve_client(reader, writer):
        task = asyncio.current_task()
        tasks[task] = reader
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(4096):
                    writer.write(data)
                    await writer.drain()
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()
            del tasks[task]

    own = listener.dup()  # the server closes what it is given
    stopped = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(stop, stopped.cancel)
    async with await asyncio.start_server(serve_client, sock=own):
        with contextlib.suppress(asyncio.CancelledError):
            await stopped
        asyncio.get_running_loop().remove_reader(stop)
    for reader in tasks.values():
        reader.feed_eof()
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=0.5)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
