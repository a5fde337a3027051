from contextlib import suppress


async def echo_async(reader, writer):
    try:
        total = 0
        while data := await reader.read(65536):
            total += len(data)
            if total > 1_000_000:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
