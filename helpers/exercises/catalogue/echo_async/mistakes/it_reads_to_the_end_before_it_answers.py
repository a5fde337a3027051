from contextlib import suppress


async def echo_async(reader, writer):
    try:
        writer.write(await reader.read())
        await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
