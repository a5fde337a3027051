from contextlib import suppress


async def echo_async(reader, writer):
    try:
        for _ in range(10):
            if data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
