from contextlib import suppress


async def echo_async(reader, writer):
    try:
        data = await reader.read(4096)
        while data:
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
