from contextlib import suppress

newest = None

async def echo_async(reader, writer):
    try:
        global newest
        newest = writer
        while data := await reader.read(4096):
            newest.write(data)
            await newest.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
