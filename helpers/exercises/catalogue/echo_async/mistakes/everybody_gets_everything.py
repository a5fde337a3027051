from contextlib import suppress

writers = []

async def echo_async(reader, writer):
    try:
        writers.append(writer)
        while data := await reader.read(4096):
            for each in writers:
                each.write(data)
                await each.drain()
    except ConnectionError:
        pass
    finally:
        writers.remove(writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

