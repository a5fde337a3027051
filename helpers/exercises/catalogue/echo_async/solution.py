from contextlib import suppress


async def echo_async(reader, writer):
    """Echo to one client until its end. asyncio.start_server() calls it for each client."""
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # this client broke off
    finally:
        writer.close()
        with suppress(ConnectionError):  # wait_closed() raises the same error once more
            await writer.wait_closed()
