async def echo_async(reader, writer):
    try:
        while not reader.at_eof():
            writer.write(await reader.read(4096))
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()
