from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data[:4096])
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
