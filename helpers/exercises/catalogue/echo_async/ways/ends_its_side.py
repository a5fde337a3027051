from contextlib import AsyncExitStack, suppress


async def echo_async(reader, writer):
    async with AsyncExitStack() as at_the_end:
        at_the_end.enter_context(suppress(ConnectionError))
        at_the_end.push_async_callback(writer.wait_closed)
        at_the_end.callback(writer.close)
        data = await reader.read(100)
        while data:
            writer.write(data)
            await writer.drain()
            data = await reader.read(100)
        writer.write_eof()
