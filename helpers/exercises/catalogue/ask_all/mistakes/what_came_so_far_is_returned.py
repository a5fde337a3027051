import asyncio


async def ask_all(addresses, question, limit):
    asked = [ask(address, question, limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question, limit):
    writer, reply = None, b""
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(question)
            writer.write_eof()
            while data := await reader.read(4096):
                reply += data
    except TimeoutError:
        if not reply:
            raise
    finally:
        if writer is not None:
            writer.transport.abort()
    return reply
