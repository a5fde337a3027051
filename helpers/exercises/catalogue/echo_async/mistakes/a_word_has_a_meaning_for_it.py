from contextlib import suppress


async def echo_async(reader, writer):
    try:
        while data := await reader.read(4096):
            if data.strip() in (b"quit", b"exit"):
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
