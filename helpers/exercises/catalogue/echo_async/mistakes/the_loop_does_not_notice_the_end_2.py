from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while writer is not None:
            data = await reader.read(4096)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
