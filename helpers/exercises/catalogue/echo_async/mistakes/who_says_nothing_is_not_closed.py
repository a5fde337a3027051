from contextlib import suppress


async def echo_async(reader, writer):
    data = await reader.read(4096)
    if not data:
        return
    try:
        while data:
            writer.write(data)
            await writer.drain()
            data = await reader.read(4096)
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
