from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except:  # noqa: E722
        pass
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
