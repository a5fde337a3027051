async def echo_async(reader, writer):
    try:
        while True:
            data = await reader.read(4096)
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except EOFError:
        pass
    writer.close()
    await writer.wait_closed()
