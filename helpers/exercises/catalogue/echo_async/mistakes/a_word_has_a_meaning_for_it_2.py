from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while (data := await reader.read(4096)) != b".\n":
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
