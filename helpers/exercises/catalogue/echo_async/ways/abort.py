async def echo_async(reader, writer):
    """Who has broken off gets no more: abort() forgets what was not sent."""
    try:
        async for data in pieces(reader):
            writer.writelines([data])
            await writer.drain()
    except ConnectionError:
        writer.transport.abort()
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except ConnectionError:
            return


async def pieces(reader):
    while not reader.at_eof():
        if data := await reader.read(300_000):
            yield data
